"""zoo bench detection_metrics: it shows what it says, however quick the machine is."""

import pytest
import torch

from zoo.bench import detection_metrics as module
from zoo.bench.detection_metrics import HEAD, OURS, as_coco, dense, measured


def test_without_peers_a_row_says_how_to_get_them(monkeypatch):
    def load(name):
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(module, "import_module", load)
    rows = list(measured("dense", dense(images=2), 1))
    assert [row.what for row in rows[:2]] == [OURS, "zoo, all protocols"]
    assert all(row.cpu > 0 and row.ratio is None and row.difference == 0 for row in rows[:2])
    assert rows[2].note == "not installed; pip install pycocotools"
    assert all(len(row.cells()) == len(HEAD) for row in rows)


def test_with_pycocotools_the_answer_is_the_same():
    pytest.importorskip("pycocotools")
    rows = {row.what: row for row in measured("dense", dense(images=2), 1)}
    assert rows["pycocotools"].ratio == 1
    assert rows["pycocotools"].difference < 1e-12


def test_without_coco_100_its_row_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    monkeypatch.setattr(module, "dense", lambda: dense(images=1))
    rows = list(module.run(1))
    assert f"needs {tmp_path / 'coco100'}" in rows[0].note
    assert rows[1].set == "dense"


def test_dense_lists_have_ties_and_crowds():
    lists = dense()
    assert sum(one.size for one in lists.detections) == 6000
    scores = torch.cat([one.scores for one in lists.detections])
    assert len(scores.unique()) < 4000
    assert any(one.crowd.any() for one in lists.objects)
    annotations, results = as_coco(lists)
    assert len(results) == 6000
    x, y, width, height = annotations["annotations"][0]["bbox"]
    assert [x, y, x + width, y + height] == lists.objects[0].boxes[0].tolist()

"""COCO mini: its counts, crowds, boxes at the network's input; damage is named."""

import io
import json
import zipfile

import pytest
import torch
from PIL import Image

from zoo.datasets.coco_mini import coco_mini
from zoo.errors import BadFile, Missing


def write(folder, rows):
    home = folder / "coco_mini"
    home.mkdir()
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48)).save(buffer, "PNG")
    with zipfile.ZipFile(home / "images.zip", "w") as packed:
        for row in rows:
            packed.writestr(row["file"], buffer.getvalue())
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (home / "annotations.jsonl").write_text(lines, encoding="utf-8")
    return home


def test_boxes_crowds_and_splits(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    boxes = [["tv", 8, 4, 32.5, 24], ["person", 0, 0, 64, 48, 1]]
    rows = [{"file": f"nc/{number}.png", "boxes": boxes} for number in range(8)]
    write(tmp_path, [{"file": "nc/captions.png"}, *rows])
    data = coco_mini((64, 64))
    assert [len(part) for part in data.parts().values()] == [6, 1, 1]
    assert (data.dev.names, data.test.names) == (("6",), ("7",))
    truth = data.train.objects[0]
    assert truth.boxes.tolist() == [[8.0, 12.0, 32.5, 32.0], [0.0, 8.0, 64.0, 56.0]]
    assert [data.train.classes[i] for i in truth.labels] == ["tv", "person"]
    assert truth.crowd.tolist() == [False, True]


def test_what_is_missing_or_damaged_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    with pytest.raises(Missing, match=r"no annotations.jsonl in .*cocodataset.org"):
        coco_mini()
    home = write(tmp_path, [{"file": "a.png", "boxes": [["unicorn", 8, 4, 32, 24]]}])
    with pytest.raises(BadFile, match=r"annotations.jsonl:1 is damaged: .*not in tuple"):
        coco_mini()
    (home / "annotations.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(BadFile, match="has no line with boxes"):
        coco_mini()


def test_real_set(zoo_data, monkeypatch):
    if not (zoo_data / "coco_mini").exists():
        pytest.skip(f"no coco_mini in {zoo_data}")
    monkeypatch.setenv("ZOO_DATA", str(zoo_data))
    data = coco_mini((64, 64))
    assert [len(part) for part in data.parts().values()] == [100, 16, 16]
    everything = [one for part in data.parts().values() for one in part.objects]
    assert sum(one.size for one in everything) == 987
    assert sum(int(one.crowd.sum()) for one in everything) == 4
    boxes = torch.cat([one.boxes for one in everything])
    assert bool((boxes[:, 2:] > boxes[:, :2]).all())
    assert bool((boxes >= 0).all())
    assert bool((boxes <= 64).all())

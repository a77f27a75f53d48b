"""zoo bench rcnn_story: three networks with the same weights, rows and a picture."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from zoo.bench.rcnn_story import FASTER, HEAD, earlier, run
from zoo.errors import BadInput, CannotWrite
from zoo.models.faster_rcnn import faster_rcnn_small


def test_rows_and_a_picture(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    Image.new("RGB", (320, 240), (250, 200, 200)).save(picture)
    plot = tmp_path / "story.png"
    rows = list(run(1, picture=str(picture), plot=str(plot)))
    assert [row.what for row in rows] == ["R-CNN", "Fast R-CNN", FASTER]
    assert rows[0].proposals == rows[1].proposals > 0
    assert all(row.seconds > 0 and len(row.cells()) == len(HEAD) for row in rows)
    assert all(row.share > 0 for row in rows)
    assert rows[2].ratio == 1
    with Image.open(plot) as sheet:
        assert sheet.size == (3 * 320, 240 + 22)


def test_backbone_and_heads_are_shared() -> None:
    model = faster_rcnn_small(3)
    for network in earlier(model).values():
        own = dict(network.judge.named_parameters())
        shared = {k: p for k, p in model.named_parameters() if not k.startswith("rpn.")}
        assert own.keys() == shared.keys()
        assert all(torch.equal(own[k], shared[k]) for k in own)


def test_other_weights_are_refused() -> None:
    with pytest.raises(BadInput, match="must be those of a faster_rcnn_small, got lenet5.mnist"):
        list(run(1, weights="lenet5.mnist"))


def test_a_plot_that_cannot_be_written_is_refused_first(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="there is no folder"):
        list(run(1, weights="none.such", plot=str(tmp_path / "none" / "story.png")))

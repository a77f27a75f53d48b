"""Detectors learn eight photographs of COCO by heart: every object is found and nothing else."""

import pytest
import torch

from zoo import create_model
from zoo.data.image.boxes.images import BoxedSplits
from zoo.data.root import data_folder
from zoo.datasets.coco_mini import coco_mini
from zoo.engine.fit import fit
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import cosine, warm_up
from zoo.ops.boxes.iou import iou
from zoo.ops.boxes.objects import Objects
from zoo.tasks.detection import DetectionTask

SIDE, SMALLEST, CELL = 160, 16, 32  # pixels


def learnable(truth: Objects) -> bool:
    """Two objects or more, none tiny, and none that one anchor or suppression would hide."""
    sides = truth.boxes[:, 2:] - truth.boxes[:, :2]
    cells = ((truth.boxes[:, 2:] + truth.boxes[:, :2]) / 2 / CELL).floor()
    alike = iou(truth.boxes, truth.boxes) * (truth.labels[:, None] == truth.labels)
    hidden = (alike.fill_diagonal_(0) > 0.4).any()
    apart = len(cells.unique(dim=0)) == truth.size
    return 2 <= truth.size <= 8 and bool(sides.min() >= SMALLEST) and apart and not bool(hidden)


def eight() -> BoxedSplits:
    """The first eight photographs that can be learnt by heart at this size, in all three parts."""
    full = coco_mini((SIDE, SIDE), "stretch")
    chosen = [i for i, truth in enumerate(full.train.objects) if learnable(truth)][:8]
    part = full.train.pick(torch.tensor(chosen))
    return BoxedSplits("eight", full.licence, part, part, part, full.front_end)


@pytest.mark.long
@pytest.mark.skipif(not (data_folder() / "coco_mini").is_dir(), reason="no coco_mini in ZOO_DATA")
@pytest.mark.parametrize(
    ("arch", "steps"), [("yolov3_tiny", 120), ("yolov2_tiny", 120), ("faster_rcnn_small", 240)]
)
def test_eight_photographs_are_learnt_by_heart(arch: str, steps: int) -> None:
    torch.manual_seed(0)
    # 0.1: with Darknet's 0.01 the statistics of so short a run would still be those of its start
    model = create_model(arch, num_classes=80)
    task = DetectionTask(model=model, data=eight(), batch_size=8, norm_momentum=0.1)
    rate = warm_up(20, cosine(floor=0.02))
    fit(
        task,
        torch.optim.AdamW(task.model.parameters(), lr=1e-3),
        lambda step: 1e-3 * rate(step, steps),
        steps,
        options=LoopOptions(clip=100.0, channels_last=True),
    )
    found = task.measured("train")
    assert found.coco.twelve["AP50"] == pytest.approx(1.0, abs=1e-9)
    assert found.means["map_voc10"] == pytest.approx(100.0, abs=1e-9)

"""Batches of objects that are valid and as unkind as can be, for the YOLO losses."""

import torch

from zoo.ops.boxes.objects import Objects, objects


def hostile(width: int, height: int, num_classes: int) -> list[Objects]:
    """Objects of five images: dust, giants, borders, crowds of equal boxes of all classes, none."""
    dust = [[5.0, 5.0, 5.001, 5.001], [0.0, 0.0, 0.001, height], [9.0, 3.0, 9.0005, 80.0]]
    giants = [[-3.0 * width, -height, 9.0 * width, 5.0 * height], [width, 0, 4.0 * width, height]]
    borders = [
        [width - 1, height - 1, width + 1, height + 1],
        [-4, -4, 4, 4],
        [0, 0, width, height],
    ]
    same = [[10.0, 10.0, 40.0, 40.0]] * num_classes
    return [
        objects(dust, [0, 1, 0]),
        objects(giants, [0, 1]),
        objects(borders, [1, 0, 1]),
        objects(same, torch.arange(num_classes)),
        objects([], []),
    ]

"""The value of a recipe's field from text, as it is given on a command line."""

from typing import Any

from zoo import options
from zoo.data.image import augment
from zoo.data.image.boxes import input_sizes
from zoo.data.image.boxes.augment import BoxAugment
from zoo.data.image.boxes.input_sizes import InputSize
from zoo.engine import schedule
from zoo.errors import unknown
from zoo.recipes.common import box_changes
from zoo.recipes.common.optimizers import OPTIMIZERS


def convert(name: str, text: str, kind: Any) -> Any:
    """``text`` as the value of a recipe's field.

    Args:
        kind: the type of the field; schedules, augmentations, optimizers and sizes of training
            images are given by name.

    Raises:
        BadInput: if it is not a value of that type.
        UnknownName: for a schedule, an augmentation, an optimizer or a size that does not exist.
    """
    if name == "schedule":
        return schedule.named(text)
    if name == "augment":
        boxed = kind == BoxAugment | None  # what moves pixels alone would leave boxes behind
        return _choose("augmentation", text, box_changes.NAMED if boxed else augment.NAMED)()
    if kind == InputSize | None:  # recurrent networks have an input_size, too
        return _choose("size of training images", text, input_sizes.NAMED)()
    if name == "optimizer":
        return _choose("optimizer", text, OPTIMIZERS)
    return options.convert(name, text, kind)


def _choose(kind: str, name: str, table: dict[str, Any]) -> Any:
    if name not in table:
        raise unknown(kind, name, table)
    return table[name]

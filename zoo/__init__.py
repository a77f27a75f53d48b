"""A zoo of the classic deep-learning architectures: readable, proved, trained, usable in one line.

>>> import zoo
>>> zoo.list_models("lenet*")
['lenet5', 'lenet5_1998']
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo import faces
    from zoo.api.evaluation import evaluate
    from zoo.api.exporting import export
    from zoo.api.seeing import see
    from zoo.api.stylizing import stylize
    from zoo.api.training import finetune, train
    from zoo.api.transforming import transform
    from zoo.cards import card, list_weights
    from zoo.data.vectors.vectors import Vectors
    from zoo.loading import load
    from zoo.pretrained.create import create_model
    from zoo.pretrained.optimize import optimize
    from zoo.registry import list_models

__version__ = "0.1.0"
__all__ = [
    "Vectors",
    "card",
    "create_model",
    "evaluate",
    "export",
    "faces",
    "finetune",
    "list_models",
    "list_weights",
    "load",
    "optimize",
    "see",
    "stylize",
    "train",
    "transform",
]

_HOME = {  # public name -> its module; imported at first use, so that `import zoo` is quick
    "Vectors": "zoo.data.vectors.vectors",
    "card": "zoo.cards",
    "create_model": "zoo.pretrained.create",
    "evaluate": "zoo.api.evaluation",
    "export": "zoo.api.exporting",
    "faces": "zoo.faces",
    "finetune": "zoo.api.training",
    "list_models": "zoo.registry",
    "list_weights": "zoo.cards",
    "load": "zoo.loading",
    "optimize": "zoo.pretrained.optimize",
    "see": "zoo.api.seeing",
    "stylize": "zoo.api.stylizing",
    "train": "zoo.api.training",
    "transform": "zoo.api.transforming",
}


def __getattr__(name: str) -> Any:
    """Resolve a public name late: ``import zoo`` does not import torch."""
    if name in _HOME:
        from importlib import import_module

        home = import_module(_HOME[name])
        return home if home.__name__ == f"{__name__}.{name}" else getattr(home, name)
    raise AttributeError(f"module 'zoo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

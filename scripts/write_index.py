"""Renew zoo/index.json, the half of the registry that can be read without torch.

python scripts/write_index.py
"""

import inspect
import json
import pkgutil
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch

import zoo.data.own
import zoo.models
import zoo.recipes
from zoo import files, registry
from zoo.loading import predictor_file, tasks
from zoo.options import options_of
from zoo.recipes.common import recipe as recipes


def index() -> dict[str, Any]:
    """Everything that decorators registered, after importing every file of models and recipes."""
    for package in (zoo.models, zoo.recipes):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    models, runs = {}, {}
    for name, entry in sorted(registry._ENTRIES.items()):
        if not entry.build.__module__.startswith("zoo.models."):
            continue  # registered by a user or a test
        with torch.device("meta"):
            parameters = sum(p.numel() for p in entry.build().parameters())
        models[name] = {
            "module": entry.build.__module__,
            "task": entry.task,
            "paper": entry.paper,
            "input_shape": list(entry.input_shape),
            "parameters": parameters,
            "arguments": {
                key: list(p.default) if isinstance(p.default, tuple) else p.default
                for key, p in inspect.signature(entry.build).parameters.items()
            },
            "summary": entry.summary,
        }
    for name, make in sorted(recipes._RECIPES.items()):
        if make.__module__.startswith("zoo.recipes."):
            claim = make().claim
            runs[name] = {
                "module": make.__module__,
                "arch": make().arch,
                "metric": claim.metric,
                "paper": claim.paper,
                "source": claim.source,
                "summary": (make.__doc__ or "").strip().split("\n")[0],
            }
    options = {
        task: [one.to_json() for one in options_of(predictor_file(task).Options)]
        for task in tasks()
    }
    return {
        "models": models,
        "recipes": runs,
        "options": options,
        "own_data": own_data(),
        "files": {task: kind for task in tasks() if (kind := predictor_file(task).PREDICTOR.FILE)},
    }


def own_data() -> dict[str, str]:
    """Task -> in which form the user's data is given: FORM of the file in zoo/data/own."""
    places = {task: f"{zoo.data.own.__name__}.{task}" for task in tasks()}
    files = {task: vars(import_module(place)) for task, place in places.items() if find_spec(place)}
    return {task: str(names["FORM"]) for task, names in files.items() if "FORM" in names}


def text() -> str:
    """The file's content."""
    return json.dumps(index(), indent=1) + "\n"


if __name__ == "__main__":
    files.write(registry.INDEX, text())
    print(f"wrote {registry.INDEX}")

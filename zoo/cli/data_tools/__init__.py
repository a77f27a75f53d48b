"""``zoo data TOOL ...``: what can be done with the user's data, one file per tool.

Each has ``arguments(parser)`` and ``run(args)`` as a verb has; the first line of its docstring is
its help. A file more is a tool more. No set in zoo/datasets has the name of a tool.
"""

import ast
import pkgutil
from pathlib import Path


def tools() -> dict[str, str]:
    """Name to help of all tools; nothing is imported."""
    return {module.name: _summary(module.name) for module in pkgutil.iter_modules(__path__)}


def _summary(name: str) -> str:
    source = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    first = (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]
    return first.partition(": ")[2].removesuffix(".")

"""Nothing imports upward: the layer map of CONTRIBUTING, checked on the source."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1] / "zoo"
FILES = sorted(ROOT.rglob("*.py"))
BASE = {
    "errors",
    "streams",
    "reading",
    "files",
    "download_limits",
    "download",
    "options",
}  # anybody may use these
GROUND = {"ops", "cards", "registry"}
TOOLS = {"decoding", "nn", "losses", "metrics"}
LEAVES = {"engine.seed", "engine.distributed"}  # of the loop, what others may use
ALLOWED = {  # folder or file -> what it may import besides BASE and itself
    "errors": set(),
    "streams": set(),
    "reading": set(),
    "files": set(),
    "download_limits": set(),
    "download": set(),
    "options": set(),
    "card_names": set(),
    "cards": {"card_names"},
    "registry": {"cards"},
    "ops": set(),
    "decoding": {"ops"},
    "engine": set(),
    "nn": {"ops"},
    "losses": {"ops", "nn"},
    "metrics": {"ops"},
    "data": {"ops", *LEAVES},
    "viz": {"ops", "metrics", "decoding", "cards"},
    "practice": {"ops", "metrics", "decoding"},
    "models": {"ops", "nn", "registry"},
    "datasets": {"ops", "data", "engine.task", *LEAVES},
    "pretrained": {"registry", "cards", "nn", "engine.timing"},
    "trainers": {"ops", "nn", "losses", "data", *LEAVES},
    "predictors": {"data", "viz", "practice", "cards", "ops", *TOOLS, *LEAVES},
    "loading": {"predictors", "pretrained", "cards", "registry", "data", "nn"},
    "tasks": {"predictors", "data", "viz", "practice", "ops", "engine.task", *TOOLS, *LEAVES},
    "recipes": {
        *("tasks", "trainers", "datasets", "pretrained", "models", "data", "engine"),
        *GROUND,
        *TOOLS,
    },
    "faces": {
        *("loading", "predictors", "cards", "data", "nn", "ops", "viz", "metrics"),
        *("pretrained.verify", "engine.seed"),
    },
    "api": {
        *("reproduce", "recipes", "loading", "tasks", "predictors", "trainers", "datasets"),
        *("pretrained", "data", "viz", "engine"),
        *GROUND,
        *TOOLS,
    },
    "reproduce": {
        *("recipes", "loading", "tasks", "predictors", "trainers", "datasets", "pretrained"),
        *("models", "data", "viz", "practice", "engine"),
        *GROUND,
        *TOOLS,
    },
    "bench": {
        "api",
        *("reproduce", "recipes", "loading", "tasks", "predictors", "trainers", "datasets"),
        *("pretrained", "models", "data", "viz", "practice", "engine"),
        *GROUND,
        *TOOLS,
    },
}


def dotted(module: str, name: str) -> str:
    """The file that ``from module import name`` reads, without "zoo."."""
    folder = ROOT.joinpath(*module.split(".")[1:])
    file = (folder / name).with_suffix(".py").exists() or (folder / name).is_dir()
    return (f"{module}.{name}" if file else module).removeprefix("zoo").removeprefix(".")


@cache
def imports(path: Path) -> set[str]:
    """Dotted names below ``zoo`` that a file imports, anywhere in it: "engine.seed"."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            if (node.module or "").split(".")[0] == "zoo":
                found |= {dotted(node.module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.removeprefix("zoo.") for a in node.names if a.name.startswith("zoo.")}
    return found


def may(importer: str, imported: str) -> bool:
    allowed = BASE | ALLOWED[importer] | {importer}
    parts = imported.split(".")
    return any(".".join(parts[:n]) in allowed for n in (1, 2))


def test_no_upward_import():
    forbidden = {}
    for path in FILES:
        name = str(path.relative_to(ROOT))
        layer = name.split("/")[0].removesuffix(".py")
        if layer not in ("__init__", "__main__", "cli"):  # the top: may import everything
            forbidden[name] = [other for other in imports(path) if not may(layer, other)]
    assert {name: found for name, found in forbidden.items() if found} == {}


def test_the_map_goes_down():
    """The map has no cycle: following it from any layer never comes back."""

    def below(layer, seen=()):
        assert layer not in seen, f"cycle: {' -> '.join((*seen, layer))}"
        for lower in ALLOWED[layer]:
            below(lower.split(".")[0], (*seen, layer))

    for layer in ALLOWED:
        below(layer)


def circle(graph):
    """Files that import each other, the first such ring that is found; [] if there is none."""
    done, path = set(), []

    def visit(name):
        if name in path:
            return path[path.index(name) :]
        if name in done:
            return []
        path.append(name)
        for other in sorted(graph.get(name, ())):
            if ring := visit(other):
                return ring
        done.add(path.pop())
        return []

    return next((ring for name in sorted(graph) if (ring := visit(name))), [])


def test_no_files_import_each_other():
    """Also not for types alone, and not late: a file can be read without those that use it."""
    graph = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): imports(path) for path in FILES
    }
    assert circle(graph) == []
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == ["a", "b", "c"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_folder_is_crowded():
    folders = {path.parent for path in FILES}
    sizes = {str(one.relative_to(ROOT)): len(list(one.glob("*.py"))) for one in folders}
    limit = {"models": 1000, "recipes": 1000}  # a file each has a name of its own
    assert {name: n for name, n in sizes.items() if n - 1 > limit.get(name, 25)} == {}


def test_a_forbidden_import_would_be_seen(tmp_path):
    source = tmp_path / "x.py"
    source.write_text(
        "def f():\n    from zoo.models.lenet import lenet5\n    import zoo.cli.main\n"
    )
    assert imports(source) == {"models.lenet", "cli.main"}
    assert not may("engine", "models.lenet")
    assert not may("tasks", "engine.fit")
    assert may("tasks", "engine.seed")


def test_short_enough_to_read_and_said_what_it_is():
    lines = {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8").splitlines() for p in FILES}
    assert {name: len(found) for name, found in lines.items() if len(found) > 300} == {}
    assert [
        name for name, found in lines.items() if not "".join(found[:1]).startswith(('"""', 'r"""'))
    ] == []


def test_one_place_steps_the_optimizer():
    steps = [
        str(path.relative_to(ROOT)) for path in FILES if "optimizer.step()" in path.read_text()
    ]
    peers = ["bench/fit.py", "bench/language_model.py"]  # what fit is beside
    assert steps == [*peers, "engine/fit.py"]


def torchaudio_imports(source: str) -> list[bool]:
    """Of each import of torchaudio in a file, whether it stands at the level of the module."""
    tree = ast.parse(source)
    found = []
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(name.split(".")[0] == "torchaudio" for name in names):
            found.append(node in tree.body)
    return found


def test_torchaudio_is_imported_late_and_in_one_place():
    """It refuses to load beside some versions of torch, which must not stop anything else."""
    found = {str(path.relative_to(ROOT)): torchaudio_imports(path.read_text()) for path in FILES}
    assert {path: levels for path, levels in found.items() if levels} == {
        "data/audio/read.py": [False]
    }
    assert torchaudio_imports("import torchaudio.functional as F") == [True]
    assert torchaudio_imports("def f():\n    from torchaudio import functional") == [False]


def test_every_proof_that_a_file_names_is_there():
    project = ROOT.parent
    sources = [*FILES, *(project / "scripts").glob("*.py"), *(project / "tests").rglob("*.py")]
    named = {
        name
        for path in sources
        for name in re.findall(r"tests/[\w/]+\.py", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 150
    assert [name for name in sorted(named) if not (project / name).is_file()] == []

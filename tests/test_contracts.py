"""One word per task, whole contracts: held on the source, so that no table and no exception grows.

tests/test_new_task.py shows that four new files are enough.
"""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import zoo.data.own
import zoo.recipes.own
import zoo.tasks
from tests.helpers.forks import modules_after, started
from zoo import loading, registry
from zoo.engine.task import Evaluable, Task
from zoo.recipes.common.recipe import get_recipe

ROOT = Path(__file__).parents[1] / "zoo"
FILES = sorted(ROOT.rglob("*.py"))
WORDS = loading.tasks()
PLACES = ("tasks", "predictors", "recipes/own", "data/own")
CONTRACTS = ("task", "recipe", "predictor")  # names of what has one
KNOW_NO_TASK = ("cli", "api", "reproduce", "engine", "loading.py", "registry.py", "cards.py")


def test_each_task_has_the_same_word_in_four_folders():
    assert {about["task"] for about in registry.index()["models"].values()} == set(WORDS)
    for word in WORDS:
        missing = [place for place in PLACES if not (ROOT / place / f"{word}.py").is_file()]
        assert missing == [], word


@pytest.mark.parametrize("word", WORDS)
def test_each_file_keeps_its_contract(word):
    file = loading.predictor_file(word)
    assert file.Options() is not None  # every option has a default
    assert callable(file.PREDICTOR.from_card)
    own = import_module(f"{zoo.recipes.own.__name__}.{word}")
    for name in ("own_recipe", "finetune_recipe", "evaluation"):
        assert callable(vars(own)[name]), name
    assert vars(import_module(f"{zoo.data.own.__name__}.{word}"))["FORM"].strip()
    made = vars(import_module(f"{zoo.tasks.__name__}.{word}")).values()
    kinds = [
        one
        for one in made
        if isinstance(one, type) and Evaluable in one.__mro__ and one not in (Evaluable, Task)
    ]
    assert len(kinds) == 1, "a file in tasks/ has one task"


@pytest.mark.parametrize("name", ["lenet5.mnist", "word2vec.novels", "tagger.wnut17"])
def test_every_recipe_answers_the_whole_contract(name):
    recipe = get_recipe(name)
    assert recipe.with_seed(3).seed == 3
    assert recipe.settings()["recipe"] == name
    assert recipe.steps >= 1
    assert recipe.seeds >= 1
    assert callable(recipe.run)
    assert callable(recipe.measure)


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


def outside_the_contract(source: str) -> list[str]:
    """Places of a file that ask a task, a recipe or data for what no contract states."""
    tree, wrong = ast.parse(source), []
    for call in [*calls(tree, "getattr"), *calls(tree, "hasattr")]:
        if ast.unparse(call.args[0]).split(".")[-1] in (*CONTRACTS, "data"):
            wrong.append(ast.unparse(call))
    for call in calls(tree, "isinstance"):
        if set(CONTRACTS) & set(ast.unparse(call.args[0]).split(".")):
            wrong += [] if "partial" in ast.unparse(call) else [ast.unparse(call)]
    return wrong + untyped(tree)


def untyped(tree: ast.AST) -> list[str]:
    """Tasks, recipes and predictors that are declared as ``Any``."""
    declared = [(node.arg, node.annotation) for node in ast.walk(tree) if isinstance(node, ast.arg)]
    declared += [
        (ast.unparse(node.target), node.annotation)
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign)
    ]
    return [
        f"{name}: Any"
        for name, kind in declared
        if name in CONTRACTS and kind is not None and ast.unparse(kind) == "Any"
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("getattr(self.task, 'notices')(split)", 1),
        ("isinstance(recipe, VectorsRecipe)", 1),
        ("hasattr(predictor, 'listen')", 1),
        ("def f(task: Any): pass", 1),
        ("isinstance(self.task, partial)", 0),
        ("getattr(card, name)", 0),
    ],
)
def test_what_is_outside_would_be_seen(source, expected):
    assert len(outside_the_contract(source)) == expected


def test_nobody_asks_for_what_no_contract_states():
    found = {
        str(path.relative_to(ROOT)): wrong
        for path in FILES
        if (wrong := outside_the_contract(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_no_verb_and_no_contract_knows_a_task_by_name():
    """A task's word as a string, in the layers that must work for every task."""
    found = []
    for path in FILES:
        if path.relative_to(ROOT).parts[0] not in KNOW_NO_TASK:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in WORDS:
                found.append((str(path.relative_to(ROOT)), node.lineno, node.value))
    default = ("registry.py", "classification")  # of @register(task=...)
    assert [(file, word) for file, _, word in found] == [default]


def test_training_on_pictures_imports_nothing_of_words_or_sound(tmp_path):
    train = ["train", "lenet5.digits", "steps=1", "--json", "--out", str(tmp_path / "run")]
    process = started(modules_after, tmp_path / "modules", train)
    process.join()
    assert process.exitcode == 0
    names = (tmp_path / "modules").read_text().splitlines()
    assert "zoo.datasets.digits" in names
    of_words = [n for n in names if n.startswith("zoo.") and ("vector" in n or "word2vec" in n)]
    assert of_words == []
    other = [n for n in names if n.startswith(("zoo.data.audio", "zoo.decoding", "zoo.trainers"))]
    assert other == []
    assert not {"numba", "gensim", "soundfile", "torchaudio"} & set(names)

"""README and GUIDE are true: every Python block and every ``zoo`` line in them is run as written.

The lines are read from the pages, so a new one is tested without a change here. They run in one
folder that holds the files the pages name; downloads come from a local server; runs that would take
minutes get the few steps of ``SHORTER`` appended.
"""

import io
import json
import re
import shlex
from dataclasses import fields, replace
from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torchvision
from PIL import Image, ImageDraw

import zoo
from tests.data import server as http
from tests.data.image.test_mnist_format import PACKED, source
from tests.data.own.boxes.sets import write_voc
from tests.helpers import identities, omniglot
from tests.helpers.drawn_face import drawn_face
from tests.helpers.people import group, write_people
from tests.helpers.speech import manifest
from tests.pretrained.test_torchvision import pth, sha
from zoo import registry
from zoo.cli.main import VERBS, main
from zoo.data.audio.read import write
from zoo.datasets import mnist
from zoo.engine import schedule
from zoo.engine.loop_options import LoopOptions
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.tasks.classification import ClassificationTask

pytestmark = pytest.mark.usefixtures("undrawn")

ROOT = Path(__file__).parents[1]
PAGES = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "GUIDE.md")}
BLOCKS = [
    (page, language, block)
    for page, text in PAGES.items()
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
]
PYTHON = [(page, block) for page, language, block in BLOCKS if language == "python"]
LINES = [
    (page, re.split(r"\s{2,}|\s#", line)[0])  # without what is said of it
    for page, language, block in BLOCKS
    if not language
    for line in block.splitlines()
]
NOT_RUN = {  # how a line begins -> why it is not run here
    "make ": "installs; the demo and the tests themselves",
    "torchrun ": "two processes: tests/engine/test_distributed.py",
    "zoo train vgg_perceptual": "an extra: tests/recipes/own/test_image_features.py",
    "zoo train fast_style": "a minute: tests/recipes/own/test_style_transfer.py",
    "zoo stylize photos": "tests/cli/test_stylize.py",
    "zoo stylize --sheet": "tests/cli/test_stylize.py",
    "zoo stylize cat.jpg scream.jpg --features vgg19": "a download of 575 MB",
    "zoo finetune runs/scream": "needs the line before",
}
SHORTER = {  # a verb, or a verb and an architecture -> what makes it short
    "train": "steps=2",
    "train word2vec": "epochs=1 min_count=1",
    "train glove": "epochs=1 min_count=1",
    "finetune": "steps=2",
    "reproduce": "--seeds 1 steps=2",
    "stylize": "--steps 4 --size 48 --preview 0",
    "bench fit": "--rounds 1 --steps 1 --batch-size 8",
}
RUN = [
    (page, line.rpartition("| ")[2])  # what is piped in, the test provides
    for page, line in LINES
    if not line.startswith(tuple(NOT_RUN))
]


# ---- the folder in which the lines are run ------------------------------------------------------


def drawing(number, size=40):
    """A bar or a ring, somewhere in the picture."""
    image = Image.new("RGB", (size, size))
    pen, at = ImageDraw.Draw(image), 4 + number % 5
    if number % 2:
        pen.line([(at, 5), (at + 3, size - 6)], fill="white", width=4)
    else:
        pen.ellipse((at, 8, at + 20, 30), outline="yellow", width=3)
    return image


def sound(path, seconds, rate):
    """A tone in noise."""
    t = torch.arange(round(seconds * rate)) / rate
    noise = torch.randn(len(t), generator=torch.Generator().manual_seed(len(path.name)))
    write(path, 0.2 * torch.sin(2 * torch.pi * 440 * t) + 0.02 * noise, rate)


CHARACTERS = omniglot.drawn({"Greek": 2, "Bengali": 2}), omniglot.drawn({"Oriya": 2})
WORDS = ["the", "cat", "sat", "on", "a", "mat", "and", "saw", "the", "sea"]


def sentences(count):
    return [" ".join(WORDS[i % 3 : i % 3 + 4 + i % 4]) for i in range(count)]


def coco_files(folder):
    """One image with one object, and what was found."""
    box = {"image_id": 1, "category_id": 1, "bbox": [10, 10, 50, 50]}
    truth = {"images": [{"id": 1}], "categories": [{"id": 1, "name": "cat"}], "annotations": [box]}
    (folder / "instances.json").write_text(json.dumps(truth))
    (folder / "results.json").write_text(json.dumps([{**box, "score": 0.9}]))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the files that the pages name."""
    folder = tmp_path_factory.mktemp("readme")
    drawing(1).convert("L").save(folder / "digit.png")
    page = Image.new("L", (120, 90), 0)
    page.paste(drawing(1).convert("L").resize((28, 28)), (50, 30))
    page.save(folder / "page.png")
    drawing(0, 80).save(folder / "cat.jpg")
    drawing(2, 120).save(folder / "smear.jpg")
    drawn_face().save(folder / "group.jpg")
    for number, name in enumerate(("scream", "wave")):
        drawing(number, 60).save(folder / f"{name}.jpg")
    first, *rest = (drawing(number, 60) for number in range(3))
    first.save(folder / "clip.gif", save_all=True, append_images=rest, duration=40)
    for number in range(24):
        path = folder / "flowers" / ("daisy", "rose")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        drawing(number).save(path)
    lines = sentences(60)
    (folder / "corpus.txt").write_text("\n".join(lines * 40))
    rows = [f"{'good' if i % 2 else 'bad'} {text},{i % 2}" for i, text in enumerate(lines)]
    (folder / "sentences.csv").write_text("\n".join(["text,label", *rows]))
    tagged = [f"{word} {'B-animal' if word == 'cat' else 'O'}" for word in lines[0].split()]
    (folder / "tags.conll").write_text("\n\n".join(["\n".join(tagged)] * 20) + "\n")
    coco_files(folder)
    write_voc(folder / "boxes", {f"b{n}": [("cat", n, n, 20 + 2 * n, 15 + n)] for n in range(12)})
    omniglot.written(folder / "data", *CHARACTERS)
    identities.folder(folder / "faces", people=6, images=2)
    (folder / "cells").mkdir()
    cells = [f"cells/{n}.png,{'bar,3,4,30,32' if n % 3 else ',,,,'}" for n in range(24)]
    for number in range(24):
        drawing(number, 40 + number).save(folder / "cells" / f"{number}.png")
    (folder / "cells.csv").write_text("\n".join(["file,label,x1,y1,x2,y2", *cells]))
    write_people(folder / "people", [f"person {n}" for n in range(12)], pictures=3)
    for name in ("a.png", "b.png", "group.png"):
        group([1, 2, 3]).save(folder / name)
    manifest(folder, "clips.jsonl")
    sound(folder / "clip.wav", 1.0, 8000)
    sound(folder / "kitchen.wav", 1.0, 16_000)
    return folder


@pytest.fixture(scope="module")
def server(place):
    """MNIST (a few images) and torchvision's ResNet-18 (random weights); a card that says where."""
    torch.manual_seed(0)
    weights = pth(torchvision.models.resnet18().state_dict())
    digits = sha(weights)[:8]
    name = f"resnet18-{digits}.pth"
    with http.serving(http.files({**PACKED, name: weights})) as served:
        card = zoo.card("resnet18.tv_in1k_v1")
        near = replace(card, sha256=digits, bytes=len(weights), file=name)
        (place / "weights").mkdir()
        replace(near, url=f"{served.url}{name}").save(place / "weights")
        yield served


@pytest.fixture(autouse=True)
def _at_work(place, server, monkeypatch):
    """In that folder, with an empty cache and nothing beyond this machine in reach."""
    monkeypatch.chdir(place)
    monkeypatch.setenv("ZOO_WEIGHTS", str(place / "weights"))  # before those that ship
    monkeypatch.setenv("ZOO_DATA", str(place / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(mnist, "SOURCE", source(server.url))
    omniglot.accepted(monkeypatch, sorted((place / "data/omniglot").iterdir()), *CHARACTERS)
    for name in ("https_proxy", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens


# ---- what is run --------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "code"), PYTHON, ids=lambda text: text.split("\n")[0])
def test_a_python_block_runs(page, code):
    code = re.sub(r"(zoo\.(?:train|finetune)\([^)]*)\)", r"\1, steps=2)", code)
    exec(compile(code, page, "exec"), {})


@pytest.mark.parametrize(("page", "line"), RUN, ids=str)
def test_a_line_runs(page, line, monkeypatch, capsys):
    program, *words = shlex.split(line)
    assert program == "zoo", f"{page}: {line!r} is neither a zoo line nor in NOT_RUN"
    assert words[0] in VERBS
    more = SHORTER.get(" ".join(words[:2])) or SHORTER.get(words[0]) or ""
    pcm = io.BytesIO((Path("kitchen.wav")).read_bytes()[44:])
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=pcm, isatty=lambda: False))
    code = main([*words, *more.split()])
    assert code == 0 or (words[0] == "reproduce" and code == 1)  # two steps meet no claim
    assert "".join(capsys.readouterr())


def test_nothing_is_listed_that_the_pages_do_not_have():
    for start in NOT_RUN:
        assert any(line.startswith(start) for _, line in LINES), start
    for start in SHORTER:
        assert any(line.startswith(f"zoo {start} ".rstrip()) for _, line in RUN), start


# ---- what is said -------------------------------------------------------------------------------


def test_readme_is_short():
    lines = PAGES["README.md"].splitlines()
    assert len(lines) <= 160
    assert [line for line in lines if len(line) > 120] == []


def test_the_table_names_every_task_and_every_architecture():
    rows = re.findall(r"^\| (`\w+`)? ?\| (`.+?) \| ", PAGES["README.md"], re.MULTILINE)
    patterns, task = {}, ""
    for word, cells in rows:
        task = word.strip("`") or task
        patterns.setdefault(task, []).extend(cells.replace("`", "").split())
    known = {}
    for name, facts in registry.index()["models"].items():
        known.setdefault(facts["task"], []).append(name)
    assert set(patterns) == set(known)
    for task, names in known.items():
        assert [n for n in names if not any(fnmatch(n, p) for p in patterns[task])] == []
        assert [p for p in patterns[task] if not any(fnmatch(n, p) for n in names)] == []


@pytest.mark.parametrize("page", PAGES)
def test_files_and_pages_that_are_named_are_there(page):
    linked = re.findall(r"\]\(([\w./]+)\)", PAGES[page])
    named = re.findall(r"`((?:zoo|tests|scripts|weights)/[\w./*]+)`", PAGES[page])
    assert linked or named
    assert [name for name in [*linked, *named] if not list(ROOT.glob(name))] == []


@pytest.mark.parametrize("page", PAGES)
def test_verbs_that_the_text_mentions_exist(page):
    mentioned = set(re.findall(r"`zoo ([a-z]+)", PAGES[page]))
    assert mentioned <= set(VERBS)


def test_fields_and_schedules_that_the_guide_lists_are_there():
    bullets = re.split(r"^- ", PAGES["GUIDE.md"], flags=re.MULTILINE)
    listed = {
        words.split("**")[1]: set(re.findall(r"`(\w+)`", words))
        for words in bullets
        if "**" in words
    }
    kinds = FitRecipe, LoopOptions, ClassificationTask
    assert listed["Fields"] <= {field.name for kind in kinds for field in fields(kind)}
    assert listed["Schedules"] == set(schedule.NAMED)

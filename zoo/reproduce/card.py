"""Results of the seeds -> weights file and card."""

import base64
import copy
import hashlib
import io
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageDraw
from safetensors.torch import save

from zoo import files
from zoo.cards import Card
from zoo.predict import output_of
from zoo.recipes.recipe import Recipe
from zoo.reproduce.train import Result, device_name
from zoo.tasks.classify import PictureClassifier

LICENCE = "MIT"  # of the weights that are trained here


def write_card(recipe: Recipe, seeds: list[int], results: list[Result], folder: Path) -> Card:
    """Write ``folder``/NAME.safetensors and NAME.json; the weights are those of the first seed.

    The first seed is shipped whatever it measured: to choose the best one would be to train on
    the test set.
    """
    files.make_folder(folder)
    task: Any = results[0].task
    splits = task.data
    model = copy.deepcopy(task.model).to("cpu").eval()
    state = {k: v.detach().contiguous() for k, v in model.state_dict().items()}
    data = save(state)
    metric = recipe.claim.metric
    card = Card(
        name=recipe.name,
        arch=recipe.arch,
        arguments=recipe.settings()["arguments"],
        task="classify",
        front_end=splits.front_end.to_card(),
        classes=list(splits.train.classes),
        parameters=sum(p.numel() for p in model.parameters() if p.requires_grad),
        file=f"{recipe.name}.safetensors",
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        data=splits.name,
        data_licence=splits.licence,
        weights_licence=LICENCE,
        recipe=recipe.name,
        settings=recipe.settings(),
        seeds=seeds,
        seconds=round(sum(r.seconds for r in results) / len(results), 1),
        device=device_name(task.device),
        metric=metric,
        measured=[round(r.test[metric], 4) for r in results],
        shipped=round(results[0].test[metric], 4),
        paper=recipe.claim.paper,
        paper_source=recipe.claim.source,
        within=recipe.claim.within,
        test_vector={},
        commit=results[0].commit,
        torch=torch.__version__,
    )
    predictor = PictureClassifier(model, splits.front_end, splits.train.classes)
    picture = probe()
    output = output_of(predictor, picture).tolist()
    vector = {"input": _png(picture), "output": [round(v, 5) for v in output]}
    card = replace(card, test_vector=vector)
    files.write(folder / card.file, data)
    card.save(folder)
    return card


def ship(card: Card, folder: Path, weights: Path) -> None:
    """Copy a card and its file into the weights folder of a checkout."""
    files.make_folder(weights)
    for name in (card.file, f"{card.name}.json"):
        with files.atomic(weights / name) as out, (folder / name).open("rb") as source:
            shutil.copyfileobj(source, out)


def probe() -> Image.Image:
    """The picture of the test vectors: a stroke like a seven and a dot, of no data set."""
    picture = Image.new("L", (40, 48), 0)
    draw = ImageDraw.Draw(picture)
    draw.line([(8, 10), (31, 9), (17, 39)], fill=255, width=4)
    draw.ellipse((27, 30, 32, 36), fill=140)
    return picture


def _png(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()

"""Write the weights file and the card of a run over one or more seeds."""

import copy
import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from zoo import files
from zoo.cards import Card
from zoo.data.own import LICENCE as OWN
from zoo.data.text.vocabulary import Vocabulary
from zoo.loading import predictor_file
from zoo.pretrained.load import VOCABULARY_KEY
from zoo.recipes.common.recipe import Recipe
from zoo.recipes.common.record import Record, file_name
from zoo.recipes.common.result import Result, device_name

LICENCE = "MIT"  # of the weights that are trained here, unless the task states another
NOTICE = ".NOTICE.txt"  # end of the name of what others' licences want to be told


def write_card(recipe: Recipe, seeds: list[int], results: list[Result], folder: Path) -> Card:
    """Write ``folder``/NAME.safetensors and NAME.json; the weights are those of the first seed.

    The first seed is shipped whatever its score: choosing the best one would select on the test
    set.
    """
    files.make_folder(folder)
    task = results[0].task
    model = copy.deepcopy(task.kept_network).to("cpu").eval()
    data = _weights_bytes(model, task.vocabulary, half=recipe.half)
    claim, facts = recipe.claim, task.card_facts()
    arguments = facts.pop("arguments", recipe.settings()["arguments"])  # the task's come first
    licence = facts.pop("weights_licence", LICENCE)
    card = Card(
        name=recipe.name,
        arch=recipe.arch,
        arguments=arguments,
        **facts,
        parameters=sum(p.numel() for p in model.parameters() if p.requires_grad),
        file=f"{recipe.name}.safetensors",
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        data=task.data.name,
        data_licence=task.data.licence,
        weights_licence=licence,
        recipe=recipe.name,
        settings={**recipe.settings(), "arguments": arguments},
        seeds=seeds,
        seconds=round(sum(r.seconds for r in results) / len(results), 1),
        device=device_name(task.device),
        metric=claim.metric,
        measured=[round(r.test[claim.metric], 4) for r in results],
        shipped=round(results[0].test[claim.metric], 4),
        paper=claim.paper,
        paper_source=claim.source,
        within=claim.within,
        unit=claim.unit,
        better=claim.better,
        also=_other_scores([r.test for r in results], claim.metric),
        test_vector={},
        commit=results[0].commit,
        torch=torch.__version__,
    )
    file = predictor_file(card.task)
    packed = task.vocabulary.pack() if task.vocabulary else None  # as it is read from the file
    vocabulary = None if packed is None else Vocabulary.unpack(packed)
    predictor = file.PREDICTOR.from_card(card, model, vocabulary, file.Options())
    raw = predictor.vector_input()
    output = [round(value, 5) for value in predictor.output_of(raw).tolist()]
    card = replace(card, test_vector={"input": raw, "output": output})
    files.write(folder / card.file, data)
    for ending, content in task.extra_files().items():
        files.write(folder / f"{card.name}{ending}", content)
    if task.data.licence == OWN and (examples := task.data.examples()):
        Record(examples).write(folder / file_name(card.name))
    card.save(folder)
    return card


def _other_scores(tests: list[dict[str, float]], metric: str) -> dict[str, list[float]]:
    """All scores on the test set but the claim's, one value for each seed.

    >>> _other_scores([{"error": 1.0, "f1": 2.0}, {"error": 3.0, "f1": 4.0}], "error")
    {'f1': [2.0, 4.0]}
    """
    return {name: [round(t[name], 4) for t in tests] for name in tests[0] if name != metric}


def _weights_bytes(model: torch.nn.Module, vocabulary: Any, *, half: bool) -> bytes:
    """The bytes of the weights file: the state of the network, and its vocabulary if any."""
    state = {}
    for key, tensor in model.state_dict().items():
        stored = tensor.half() if half and tensor.is_floating_point() else tensor
        state[key] = stored.detach().contiguous()
    if vocabulary is not None:
        state[VOCABULARY_KEY] = vocabulary.pack()
    return save(state)


def ship(card: Card, folder: Path, weights: Path) -> None:
    """Copy a card, its weights and its notice, if any, into the weights folder of a checkout."""
    files.make_folder(weights)
    notice = [name for name in (f"{card.name}{NOTICE}",) if (folder / name).is_file()]
    for name in (card.file, f"{card.name}.json", *notice):
        with files.atomic(weights / name) as out, (folder / name).open("rb") as source:
            shutil.copyfileobj(source, out)

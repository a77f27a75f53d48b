"""Weights for tests that need some: a card and a file, written in a moment, not trained."""

import hashlib
import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from zoo import cards, registry
from zoo.cards import Card
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.predictors.classification import ImageClassifier

DIGITS = tuple("0123456789")


def write_weights(
    folder: Path, arch: str = "lenet5", tag: str = "tiny", *, seed: int = 0, **arguments: Any
) -> Card:
    """Write ``folder``/ARCH.TAG.json and .safetensors with random weights; the card."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = registry.build(arch, **arguments).eval()
    with torch.no_grad():
        for parameter in model.parameters():  # no layer is left at zero
            parameter.add_(torch.randn_like(parameter) * 0.05)
    classes = DIGITS[: arguments.get("num_classes", 10)]
    channels, height, width = registry.entry(arch).input_shape
    channels = arguments.get("in_chans", channels)
    front_end = ImageFrontEnd((height, width), mean=(0.3,) * channels, std=(0.4,) * channels)
    data = save({key: tensor.contiguous() for key, tensor in model.state_dict().items()})
    card = replace(
        plain_card(f"{arch}.{tag}", data),
        arch=arch,
        arguments=arguments,
        classes=list(classes),
        front_end=front_end.to_card(),
        parameters=sum(p.numel() for p in model.parameters()),
        test_vector=vector(ImageClassifier(model, front_end, classes)),
    )
    (folder / card.file).write_bytes(data)
    card.save(folder)
    return replace(card, folder=folder)


def plain_card(name: str, data: bytes) -> Card:
    """A card of the file ``data``: its size and sha256 are right, all else is made up."""
    return Card(
        name=name,
        arch=name.partition(".")[0],
        arguments={},
        task="classification",
        front_end={},
        classes=list(DIGITS),
        parameters=61_706,
        file=f"{name}.safetensors",
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        data="noise",
        data_licence="none",
        weights_licence="MIT",
        recipe=f"{name.partition('.')[0]}.digits",
        settings={"steps": 0},
        seeds=[0, 1],
        seconds=1.5,
        device="none",
        metric="error",
        measured=[90.0, 91.0],
        shipped=90.0,
        paper=3.1,
        paper_source="Table 1",
        within=0.5,
        test_vector={"input": "", "output": []},
    )


def vector(predictor: ImageClassifier) -> dict[str, Any]:
    """A test vector, as ``zoo.reproduce`` records it."""
    text = predictor.vector_input()
    output = [round(value, 5) for value in predictor.output_of(text).tolist()]
    return {"input": text, "output": output}


def only_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights are looked for in ``folder`` and nowhere else: those that ship are not seen."""
    monkeypatch.setattr(cards, "folders", lambda: [folder])


def change_card(path: Path, **fields: Any) -> None:
    """Set fields of a card's file, whatever comes of it."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def safetensors_bytes(header: Any, tensors: bytes = b"", length: int | None = None) -> bytes:
    """A file of this header (JSON, or raw bytes) and these tensors; ``length`` is a false one."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + tensors

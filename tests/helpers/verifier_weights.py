"""Weights of a small network that verifies: a card and a file, not trained."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from tests.helpers.small_weights import plain_card
from zoo import registry
from zoo.cards import Card
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.predictors.verification import ImageVerifier, Options


def write_verifier(
    folder: Path, arch: str = "facenet_small", *, seed: int = 0, size: int = 48, **decoder: Any
) -> Card:
    """Write ``folder``/ARCH.tiny.json and .safetensors with random weights; the card."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = registry.build(arch, image_size=size).eval()
    channels = registry.entry(arch).input_shape[0]
    front_end = ImageFrontEnd((size, size), (0.5,) * channels, (0.25,) * channels)
    data = save({key: tensor.contiguous() for key, tensor in model.state_dict().items()})
    card = replace(
        plain_card(f"{arch}.tiny", data),
        arch=arch,
        task="verification",
        arguments={"image_size": size},
        classes=[],
        front_end=front_end.to_card(),
        parameters=sum(p.numel() for p in model.parameters()),
        decoder=decoder,
    )
    predictor = ImageVerifier.from_card(card, model, None, Options())
    text = predictor.vector_input()
    output = [round(value, 5) for value in predictor.output_of(text).tolist()]
    card = replace(card, test_vector={"input": text, "output": output})
    (folder / card.file).write_bytes(data)
    card.save(folder)
    return replace(card, folder=folder)

"""Darknet's cards: as the script writes them, of the networks' sizes; nothing is downloaded."""

from pathlib import Path

import pytest
import torch

from tests.scripts.test_scripts import script
from zoo import cards, registry
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.pretrained import darknet

WEIGHTS = Path(__file__).parents[2] / "weights"
SCRIPT = script("write_darknet_cards")
NAMES = [f"{known.arch}.coco" for known in SCRIPT.FILES]


def test_the_files_are_what_the_script_writes(tmp_path):
    for path in SCRIPT.write(tmp_path):
        assert path.read_bytes() == (WEIGHTS / path.name).read_bytes(), path.name
    assert NAMES == ["yolov3.coco", "yolov3_tiny.coco", "yolov2.coco"]


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_as_large_as_its_network(name):
    """YOLOv2's is older than the 64-bit counter: 16 bytes of header, not 20."""
    card = cards.card(name)
    with torch.device("meta"):
        model = registry.build(card.arch, **card.arguments)
    numbers = sum(torch.Size(part.shape).numel() for part in darknet.layout(model))
    assert card.bytes == (16 if name == "yolov2.coco" else 20) + 4 * numbers
    assert card.parameters == sum(p.numel() for p in model.parameters())
    assert len(card.classes) == model.num_classes == 80
    assert BoxFrontEnd.from_card(card.front_end).fit == "darknet"
    assert len(card.sha256) == 64
    assert card.url.startswith("https://")


def test_the_published_tiny_network_has_its_own_masks():
    card = cards.card("yolov3_tiny.coco")
    with torch.device("meta"):
        assert registry.build(card.arch, **card.arguments).masks == ((3, 4, 5), (1, 2, 3))
        assert registry.build(card.arch).masks == ((3, 4, 5), (0, 1, 2))

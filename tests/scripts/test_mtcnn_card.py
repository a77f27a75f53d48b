"""The card and the weights of MTCNN: as the script writes them from facenet-pytorch's files."""

from pathlib import Path

import pytest

from tests.scripts.test_scripts import script
from zoo import cards
from zoo.errors import BadFile
from zoo.pretrained.find import find

SCRIPT = script("write_mtcnn_card")
WEIGHTS = Path(__file__).parents[2] / "weights"


def test_the_files_are_what_the_script_writes(tmp_path, zoo_data):
    source = zoo_data / "official" / "mtcnn"
    if not source.is_dir():
        pytest.skip(f"needs {source}")
    weights, card = SCRIPT.write(source, tmp_path)
    assert weights.read_bytes() == (WEIGHTS / weights.name).read_bytes()
    made, shipped = cards.read(card), cards.read(WEIGHTS / card.name)
    assert made.test_vector.pop("output") == pytest.approx(
        shipped.test_vector.pop("output"), abs=1e-4
    )
    assert made == shipped


def test_the_card_says_whose_they_are():
    card = cards.card("mtcnn.wider_face")
    assert all(sha256 in card.notes for sha256 in SCRIPT.SOURCES.values())
    assert card.weights_licence.startswith("MIT")
    assert "Timothy Esler" in (WEIGHTS / "LICENSE.facenet_pytorch.txt").read_text(encoding="utf-8")
    assert (card.parameters, card.classes) == (495_850, ["face"])
    assert find(card).stat().st_size == card.bytes < 2 * 2**20


def test_another_file_is_refused(tmp_path):
    for name in SCRIPT.SOURCES:
        (tmp_path / f"{name}.pt").write_bytes(b"something else")
    with pytest.raises(BadFile, match="is not facenet-pytorch's file: its sha256 differs"):
        SCRIPT.tensors(tmp_path)

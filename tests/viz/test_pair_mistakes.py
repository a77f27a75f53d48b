"""A sheet of pairs, and their lines."""

import torch
from PIL import Image

from zoo.viz.pair_mistakes import PairMistake, PairMistakes


def test_pairs_are_drawn_and_told(tmp_path):
    grey = torch.zeros(1, 8, 8, dtype=torch.uint8)
    mistakes = PairMistakes(
        (PairMistake((grey, grey), ("a", "b"), 0.1), PairMistake((grey, grey), ("c", "c"), 1.5)),
        "test",
    )
    lines = str(mistakes).splitlines()
    assert lines == [
        "a and b, taken for the same (dissimilarity 0.100)",
        "c, not found the same (dissimilarity 1.500)",
    ]
    mistakes.save(tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.width > 500
    PairMistakes(()).save(tmp_path / "none.png")
    assert len(mistakes) == 2

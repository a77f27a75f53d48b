"""The fixed targets of LeNet-5's output units: stylised digits on a 7x12 grid.

LeCun et al. 1998, sec. II.B and Fig. 3: each class has a code of 84 values -1 or +1, an image of
the character in a printed font, so that alike characters have alike codes. The paper shows the font
only as a small figure; these glyphs are drawn in its manner, not copied from it. For other than ten
classes the codes are random, the alternative that the paper names.
"""

import torch
from torch import Tensor

GLYPHS = """
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
..###.. ...#... .#####. ####### .....#. ####### ..####. ####### .#####. .#####.
.#...#. ..##... #.....# ......# ....##. #...... .#..... ......# #.....# #.....#
#.....# .#.#... ......# .....#. ...#.#. #...... #...... .....#. #.....# #.....#
#.....# ...#... ......# ....#.. ..#..#. #.####. #...... .....#. #.....# #.....#
#.....# ...#... .....#. ..###.. .#...#. ##....# #.####. ....#.. .#####. #....##
#.....# ...#... ...##.. .....#. #....#. ......# ##....# ....#.. #.....# .####.#
#.....# ...#... ..#.... ......# ####### ......# #.....# ...#... #.....# ......#
#.....# ...#... .#..... ......# .....#. ......# #.....# ...#... #.....# ......#
.#...#. ...#... #...... #.....# .....#. #.....# #.....# ..#.... #.....# .....#.
..###.. .#####. ####### .#####. .....#. .#####. .#####. ..#.... .#####. .####..
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
"""


def digit_codes(num_classes: int = 10) -> Tensor:
    """Codes (num_classes, 84) of -1 (paper) and +1 (ink).

    >>> codes = digit_codes()
    >>> codes.shape, int((codes[3] > 0).sum())  # ink of the 3
    (torch.Size([10, 84]), 23)
    """
    if num_classes != 10:
        draw = torch.Generator().manual_seed(0)
        return torch.randint(0, 2, (num_classes, 84), generator=draw) * 2.0 - 1
    lines = [line.split() for line in GLYPHS.split("\n") if line]
    digits = ["".join(line[digit] for line in lines) for digit in range(10)]
    return torch.tensor([[1.0 if mark == "#" else -1.0 for mark in digit] for digit in digits])

"""Write every card of a folder again, in the words of today; the weights keep their bytes.

python scripts/rewrite_cards.py [FOLDER]
"""

import sys
from pathlib import Path

from zoo import cards


def main(folder: Path) -> list[str]:
    """The names of the cards whose file has changed."""
    changed = []
    for path in sorted(folder.glob("*.json")):
        before = path.read_bytes()
        cards.read(path).save(folder)
        if path.read_bytes() != before:
            changed.append(path.stem)
    return changed


if __name__ == "__main__":
    weights = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parents[1] / "weights"
    print(*main(weights), sep="\n")

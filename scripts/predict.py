"""What pictures show, with the three most likely answers.

python scripts/predict.py lenet5.mnist PICTURE ...
"""

import sys

import zoo


def main(name: str, pictures: list[str]) -> list[str]:
    """One line for each picture."""
    answers = zoo.load(name)(pictures)
    return [
        f"{path}: " + ", ".join(f"{label} {100 * p:.1f} %" for label, p in answer.top[:3])
        for path, answer in zip(pictures, answers, strict=True)
    ]


if __name__ == "__main__":
    print(*main(sys.argv[1], sys.argv[2:]), sep="\n")

"""``python -m zoo`` is ``zoo``; it is also what ``torchrun -m zoo`` starts on every rank."""

from zoo.cli.main import run

if __name__ == "__main__":
    run()

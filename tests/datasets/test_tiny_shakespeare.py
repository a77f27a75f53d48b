"""Tiny Shakespeare: its published size, its parts."""

from zoo.datasets.tiny_shakespeare import tiny_shakespeare


def test_the_published_file(zoo_data):
    found = tiny_shakespeare()
    assert found.about() == {"level": "characters", "vocabulary": 65}
    sizes = {name: len(part) for name, part in found.parts().items()}
    assert sizes == {"train": 981_547, "dev": 22_307, "test": 111_540}

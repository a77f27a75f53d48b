"""A tagger's task small enough for any test: names that the word before gives away."""

import random

from zoo.data.text.tagged import TagFrontEnd, Tagged, TaggedSplits, tagged_splits
from zoo.engine.seed import seed_everything
from zoo.models.tagger import Tagger
from zoo.tasks.tagging import TaggingTask


def sentences(count, seed, names=None):
    """``... saw Xyz ...`` is a person, ``... in New Xyz ...`` a place of two words."""
    draw, made = random.Random(seed), []
    names = names or {"per": "B-per", "loc": "B-loc I-loc"}
    for _ in range(count):
        words, tags = [], []
        for _ in range(draw.randint(1, 3)):
            new = "".join(draw.choices("abcdefgh", k=4)).title()
            kind = draw.choice(("per", "loc", None))
            said = {"per": ["saw", new], "loc": ["in", "New", new], None: ["the", "cat"]}[kind]
            words += said
            marks = names.get(kind, "O").split()
            tags += ["O"] * (len(said) - len(marks)) + marks
        made.append(Tagged(tuple(words), tuple(tags)))
    return made


def splits(names=None) -> TaggedSplits:
    counts = {"train": 42, "dev": 15, "test": 20}
    parts = {k: sentences(n, seed, names) for seed, (k, n) in enumerate(counts.items())}
    return tagged_splits("toy", "none", parts, TagFrontEnd.count(parts["train"]))


def task(seed=0, data=None, crf=True, vocabulary=None, **options) -> TaggingTask:
    seed_everything(seed)
    data = data or splits()
    sizes = vocabulary or len(data.front_end.vocabulary), data.front_end.character_rows
    model = Tagger(len(data.train.classes), *sizes, 8, 12, 8, 0.1, crf)
    return TaggingTask(model, data, **{"batch_size": 8, "seed": seed, **options})

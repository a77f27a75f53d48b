"""Odd values for the fields of recipes, architectures and the loop, in train and finetune."""

import random
from pathlib import Path

from tests.odd.limits import Case

Draw = random.Random
VALUES = (
    "",
    "0",
    "-1",
    "1",
    "2",
    "none",
    "true",
    "nan",
    "inf",
    "-inf",
    "1e308",
    "1e-320",
    "1e39",
    "0.5",
    "-0.5",
    "1.5",
    "zzz",
    "1,2",
    "1,,2",
    ",",
    "a=b",
    "\x1b[31m",
    "\u202e",
    "١٢",
    "1_000",
    " 7 ",
    "0x10",
    "1e3",
    "-9223372036854775809",
    "18446744073709551616",
    "1" * 400,
    "9" * 5000,
    "x" * 3000,
    "[]",
    "{}",
    "10**9",
)
HUGE = ("1000000", "1000000000", "1000000000000")
LOOP = (
    "lr",
    "batch_size",
    "seed",
    "clip",
    "clip_value",
    "accumulate",
    "ema",
    "precision",
    "channels_last",
    "log_every",
    "evaluate_every",
    "patience",
    "watch",
    "better",
    "save_every",
    "optimizer",
    "schedule",
)
SCHEDULES = (
    "cosine:floor=nan",
    "staircase:every=0",
    "staircase:factor=-1",
    "exponential:base=1e400",
    "linear:x=1",
    "one_cycle:rise=0",
    "one_cycle:rise=1",
    "one_cycle:start=-1",
    "warm_up:over=0",
    "warm_up:over=-5",
    "manual:0=nan",
    "manual:x",
    "inverse_sqrt:k=-1",
    "inverse_time:decay=-1",
    "constant:",
    ":",
    "cosine:",
)
OWN = {  # fields of the architecture and the task, by the recipe
    "lenet5.digits": (
        "num_classes",
        "in_chans",
        "augment",
        "label_smoothing",
        "mix",
        "l2",
        "dropout",
    ),
    "lenet5.digits_100": ("freeze", "layer_decay", "probe", "augment", "class_weights"),
    "mlp": ("hidden_sizes", "dropout", "image_size", "batch_norm", "activation", "init", "l2"),
    "lstm": (
        "hidden_size",
        "num_layers",
        "embedding_dim",
        "dropout",
        "sequence_length",
        "level",
        "tie_weights",
        "vocab_size",
        "cutoffs",
    ),
    "sentiment": (
        "embedding_dim",
        "hidden_size",
        "dropout",
        "word_dropout",
        "buckets",
        "label_smoothing",
    ),
    "sentiment_cnn": ("num_filters", "kernel_sizes", "static"),
    "tagger": ("hidden_size", "char_filters", "char_vocab_size", "crf", "cell", "word_dropout"),
    "word2vec": (
        "embedding_dim",
        "window",
        "min_count",
        "epochs",
        "negative",
        "subsample",
        "lr",
        "workers",
    ),
}
START = {"lenet5.digits_100": ("finetune", "lenet5.mnist")}


def field_cases(draw: Draw, count: int, folder: Path, data: dict[str, Path]) -> list[Case]:
    """Command lines of train and finetune with one or two odd fields, and two steps otherwise."""
    cases = []
    for number in range(count):
        name = list(OWN)[number % len(OWN)]
        fields = {} if name == "word2vec" else {"steps": "2"}
        for _ in range(draw.choice((1, 1, 2))):
            loop = draw.random() < 0.5 and name != "word2vec"
            field = draw.choice(LOOP if loop else OWN[name])
            value = draw.choice(VALUES if draw.random() < 0.8 else HUGE)
            if field == "schedule" or (field == "augment" and draw.random() < 0.5):
                value = draw.choice(SCHEDULES)
            fields[field] = value
        about = f"{name} " + " ".join(f"{k}={v[:30]}" for k, v in fields.items())
        words = list(START.get(name, ("train", name)))
        path = data.get(name)
        words += ["--data", str(path)] if path else []
        words += [f"{k}={v}" for k, v in fields.items()]
        words += ["--out", str(folder / f"run{number}"), "--json"]
        cases.append(Case(tuple(words), about))
    return cases

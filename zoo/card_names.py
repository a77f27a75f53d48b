"""Old names in cards and their current names, so that existing run folders remain readable.

Names are replaced when a card is read (``zoo.cards.read``); cards are written with current names.
Proof: tests/test_card_names.py, on cards as they were shipped in November 2026.
"""

from typing import Any

TASKS = {  # old name of a task -> current name
    "classify": "classification",
    "sentiment": "text_classification",
    "speech": "speech_recognition",
    "tagger": "tagging",
    "vectors": "word_vectors",
}
_FULLY_CONNECTED = {"hidden": "hidden_size"}
_RECURRENT = {
    "words": "vocab_size",
    "embedding": "embedding_dim",
    "hidden": "hidden_size",
    "layers": "num_layers",
    "tied": "tie_weights",
    "locked": "locked_dropout",
}
_SENTENCES = {"vocabulary": "vocab_size", "features": "embedding_dim"}
_WORDS = {"words": "vocab_size", "dim": "embedding_dim"}
_SPEECH = {"bands": "n_mels", "hidden": "hidden_size", "layers": "num_layers"}
ARGUMENTS: dict[str, dict[str, str]] = {  # architecture -> old name of an argument -> current
    **dict.fromkeys(("alexnet", "alexnet_owt"), _FULLY_CONNECTED),
    **dict.fromkeys(("vgg11", "vgg13", "vgg16", "vgg16_1x1", "vgg19"), _FULLY_CONNECTED),
    **dict.fromkeys(("vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn"), _FULLY_CONNECTED),
    "deep_speech": {**_SPEECH, "kernels": "kernel_sizes"},
    "deep_speech_medium": _SPEECH,
    **dict.fromkeys(("rnn", "gru"), _RECURRENT),
    "lstm": {**_RECURRENT, "adaptive": "cutoffs"},
    **dict.fromkeys(("glove", "word2vec"), _WORDS),
    **dict.fromkeys(("sentiment", "sentiment_average"), _SENTENCES),
    "sentiment_cnn": {**_SENTENCES, "maps": "num_filters", "widths": "kernel_sizes"},
    "sentiment_lstm": {**_SENTENCES, "hidden": "hidden_size", "both_ways": "bidirectional"},
    "logistic_regression": {"size": "image_size"},
    "mlp": {"size": "image_size", "hidden": "hidden_sizes"},
    "shallow_net": {"size": "image_size", "hidden": "hidden_size"},
    "tagger": {
        "vocabulary": "vocab_size",
        "characters": "char_vocab_size",
        "embedding": "embedding_dim",
        "hidden": "hidden_size",
        "filters": "char_filters",
    },
    "trigger_word": {"hidden": "hidden_size"},
}
SETTINGS: dict[str, dict[str, str]] = {  # task -> old name of a recipe's setting -> current
    "language_model": {
        "length": "sequence_length",
        "shift": "random_offset",
        "summed": "sum_over_time",
    },
    "speech_recognition": {
        "join": "concatenate",
        "around": "pad_silence",
        "quiet": "silent_utterances",
        "noise": "min_snr",
        "bands": "freq_mask",
        "times": "time_mask",
    },
    "tagging": {"blank": "word_dropout"},
    "trigger_word": {
        "positive": "positive_share",
        "mask": "freq_mask",
        "tilt": "spectral_tilt",
        "hours": "negative_hours",
    },
    "word_vectors": {
        "dim": "embedding_dim",
        "most": "max_vocab_size",
        "negatives": "negative_draws",
    },
}
_LOG_MEL = {
    "rate": "sample_rate",
    "window": "win_length",
    "hop": "hop_length",
    "fft": "n_fft",
    "bands": "n_mels",
    "low": "f_min",
    "high": "f_max",
}
TUNING = {"decay": "layer_decay", "alone": "head_only", "unfreeze": "unfreeze_by"}
FRONT_END: dict[str, dict[str, str]] = {  # task -> old name of a field -> current
    "speech_recognition": _LOG_MEL,
    "text_classification": {"words": "tokenizer"},
    "trigger_word": _LOG_MEL,
}
DATA = {"trigger_word": "alexa"}  # old name of a data set in a recipe -> current
METRICS = {"nats": "cross_entropy", "missed": "miss_rate"}  # old name of a score -> current
WATCHED = {  # task -> old name of the score of early stopping ("error" by default) -> current
    "language_model": {"nats": "cross_entropy"},
    "trigger_word": {"error": "mean_miss_rate"},
}


def with_current_names(record: dict[str, Any]) -> dict[str, Any]:
    """The record of a card under current names; equal to ``record`` if it uses them already."""
    task = TASKS.get(str(record.get("task")), record.get("task"))
    arguments = ARGUMENTS.get(str(record.get("arch")), {})
    new = {
        "task": task,
        "arguments": _renamed(record.get("arguments"), arguments),
        "front_end": _renamed(record.get("front_end"), FRONT_END.get(str(task), {})),
        "metric": METRICS.get(str(record.get("metric")), record.get("metric")),
    }
    settings = record.get("settings")
    if isinstance(settings, dict):
        names = SETTINGS.get(str(task), {})
        settings = _renamed(settings, names)
        watched = settings.get("watch", "error" if "patience" in settings else "")
        if isinstance(watched, str) and watched in (known := WATCHED.get(str(task), {})):
            settings["watch"] = known[watched]
        parts = {"arguments": arguments, "task": names, "tuning": TUNING}
        inner = {
            part: _renamed(settings[part], of) for part, of in parts.items() if part in settings
        }
        if "data" in settings:
            inner["data"] = DATA.get(str(settings["data"]), settings["data"])
        new["settings"] = {**settings, **inner}
    return {name: new.get(name, value) for name, value in record.items()}


def _renamed(record: Any, names: dict[str, str]) -> Any:
    """``record`` with its keys renamed; anything but a dictionary is left to the card's checks."""
    if not isinstance(record, dict):
        return record
    return {names.get(key, key): value for key, value in record.items()}

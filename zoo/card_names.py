"""What older cards call things, in today's words: whoever has run folders can go on using them.

A card is renewed when it is read (``zoo.cards.read``); what is written has today's names only.
Proof: tests/test_card_names.py, on cards as they were shipped in November 2026.
"""

from typing import Any

TASKS = {  # a task's old word -> the name of its files
    "classify": "classification",
    "sentiment": "text_classification",
    "speech": "speech_recognition",
    "tagger": "tagging",
    "vectors": "word_vectors",
}
ARGUMENTS: dict[str, dict[str, str]] = {}  # architecture -> an argument's old name -> today's
FRONT_END: dict[str, dict[str, str]] = {}  # task -> a field's old name -> today's
METRICS: dict[str, str] = {}  # a score's old name -> today's


def renewed(record: dict[str, Any]) -> dict[str, Any]:
    """The record of a card with today's names; a record that has them already is equal to it."""
    task = TASKS.get(str(record.get("task")), record.get("task"))
    arguments = ARGUMENTS.get(str(record.get("arch")), {})
    new = {
        "task": task,
        "arguments": _renamed(record.get("arguments"), arguments),
        "front_end": _renamed(record.get("front_end"), FRONT_END.get(str(task), {})),
        "metric": METRICS.get(str(record.get("metric")), record.get("metric")),
    }
    settings = record.get("settings")
    if isinstance(settings, dict) and "arguments" in settings:
        new["settings"] = {**settings, "arguments": _renamed(settings["arguments"], arguments)}
    return {name: new.get(name, value) for name, value in record.items()}


def _renamed(record: Any, names: dict[str, str]) -> Any:
    """The same dictionary under other keys; what is none is left for the card's own checks."""
    if not isinstance(record, dict):
        return record
    return {names.get(key, key): value for key, value in record.items()}

"""Cards as they were before the names of today: read, they are equal to the shipped ones."""

import json
from pathlib import Path

import pytest

from scripts.rewrite_cards import main
from zoo import card_names, cards, registry

OLD = sorted((Path(__file__).parent / "old_cards").glob("*.json"))
SHIPPED = Path(__file__).parents[1] / "weights"
CHANGED = {  # name of weights -> why the shipped card says more by now than other names
    "deep_speech.fsdd": "trained again, on levelled sound",
    "trigger_word.alexa": "trained again, on levelled sound",
    "tagger.wnut17": "its settings say which score was watched",
}
RENAMED = [path for path in OLD if path.stem not in CHANGED]


@pytest.mark.parametrize("path", RENAMED, ids=lambda path: path.stem)
def test_an_old_card_says_what_the_shipped_one_says(path, tmp_path):
    record = json.loads(path.read_text())
    if isinstance(record["classes"], str):
        (tmp_path / record["classes"]).write_bytes((SHIPPED / record["classes"]).read_bytes())
    (tmp_path / path.name).write_bytes(path.read_bytes())
    assert cards.read(tmp_path / path.name) == cards.read(SHIPPED / path.name)


@pytest.mark.parametrize("name", CHANGED)
def test_an_old_card_of_other_weights_is_read_too(name):
    old = cards.read(Path(__file__).parent / "old_cards" / f"{name}.json")
    today = cards.read(SHIPPED / f"{name}.json")
    assert old != today
    assert (old.task, old.arch, old.arguments) == (today.task, today.arch, today.arguments)
    assert old.front_end.keys() <= {*today.front_end, "refractory"}


def test_every_task_and_every_renamed_argument_has_an_old_card():
    """None of the tables' rows is there for nothing."""
    records = [json.loads(path.read_text()) for path in OLD]
    assert {record["task"] for record in records} >= set(card_names.TASKS)
    assert {record["metric"] for record in records} >= set(card_names.METRICS)
    assert {record["settings"].get("data") for record in records} >= set(card_names.DATA)
    for task, names in card_names.FRONT_END.items():
        of = [r for r in records if card_names.TASKS.get(r["task"], r["task"]) == task]
        assert set(names) <= {key for record in of for key in record["front_end"]}


@pytest.mark.parametrize("arch", card_names.ARGUMENTS)
def test_every_renamed_argument_is_one_of_its_architecture(arch):
    """And no argument of today has the old name of another, so that no card is changed wrongly."""
    today = set(registry.index()["models"][arch]["arguments"])
    names = card_names.ARGUMENTS[arch]
    assert set(names.values()) <= today
    assert not set(names) & today
    old = {"arch": arch, "arguments": dict.fromkeys(names, 1)}
    assert set(card_names.with_current_names(old)["arguments"]) == set(names.values())


def test_a_card_of_today_is_left_as_it_is():
    for path in SHIPPED.glob("*.json"):
        record = json.loads(path.read_text())
        assert card_names.with_current_names(record) == record


@pytest.mark.parametrize("odd", [{}, {"task": ["classify"]}, {"arguments": 3, "arch": None}])
def test_what_is_no_card_is_left_to_the_checks(odd):
    assert card_names.with_current_names(odd) == odd


def test_rewriting_changes_what_is_old_and_nothing_twice(tmp_path):
    for path in OLD:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for name in ("imagenet_1k.txt",):
        (tmp_path / name).write_bytes((SHIPPED / name).read_bytes())
    old = {path.stem for path in OLD if path.read_bytes() != (SHIPPED / path.name).read_bytes()}
    assert len(old) > 6
    assert set(main(tmp_path)) == old
    assert main(tmp_path) == []
    for path in RENAMED:
        assert (tmp_path / path.name).read_bytes() == (SHIPPED / path.name).read_bytes()


@pytest.mark.parametrize("watch", [{}, [], None, 7])
def test_an_old_setting_of_another_type_is_left_for_the_checks_of_the_card(watch):
    record = {"task": "speech_recognition", "settings": {"watch": watch}}
    assert card_names.with_current_names(record)["settings"]["watch"] == watch

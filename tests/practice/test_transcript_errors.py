"""The error sheet: its groups add up to the whole, its words are those that were confused."""

import csv
import json
import random

import pytest

from zoo.errors import BadInput, UnknownName
from zoo.metrics.wer import Errors, character_errors, word_errors
from zoo.practice.transcript_errors import LENGTHS, Utterance, error_sheet

HEARD = [
    Utterance("1.wav", "nine five", "nine nine", "george"),
    Utterance("2.wav", "five", "nine", "george"),
    Utterance("3.wav", "one two three four", "two three four", "theo"),
    Utterance("4.wav", "", "six", "theo"),
    Utterance("5.wav", "Seven.", "seven"),
]


def test_counts_by_speaker_and_length():
    found = error_sheet(HEARD)
    assert found.words == Errors(4, 3, 1, 1)
    assert found.speakers == {
        "": Errors(0, 1, 0, 0),
        "george": Errors(1, 2, 0, 0),
        "theo": Errors(3, 0, 1, 1),
    }
    assert found.lengths == {
        "0 words": Errors(0, 0, 0, 1),
        "1 word": Errors(0, 2, 0, 0),
        "2 words": Errors(1, 1, 0, 0),
        "4-5 words": Errors(3, 0, 1, 0),
    }
    assert list(found.lengths) == ["0 words", "1 word", "2 words", "4-5 words"]


def test_confusions_frequent_ones_first():
    assert error_sheet(HEARD).confusions[0] == ("five", "nine", 2)
    assert set(error_sheet(HEARD, "lower, no punctuation").confusions) == {
        ("five", "nine", 2),
        ("one", None, 1),
        (None, "six", 1),
    }


def test_groups_add_up_to_the_rates_of_the_whole():
    draw = random.Random(0)
    words = ["one", "two", "Three,", "four"]
    heard = []
    for number, length in enumerate([0, 1, 2, 2, 3, 4, 5, 7, 9, 14, 20, 30, 60]):
        reference = draw.choices(words, k=length)
        hypothesis = [draw.choice(words) for _ in reference if draw.random() < 0.9]
        texts = " ".join(reference), " ".join(hypothesis)
        heard.append(Utterance(str(number), *texts, draw.choice("abc")))
    found = error_sheet(heard, "lower, no punctuation")
    texts = [one.reference for one in heard], [one.hypothesis for one in heard]
    assert found.words == word_errors(*texts, "lower, no punctuation")
    assert found.characters == character_errors(*texts, "lower, no punctuation")
    for part in (found.speakers, found.lengths):
        assert sum(part.values(), Errors()) == found.words
    assert sum(times for *_, times in found.confusions) == found.words.total
    assert sum((line.errors for line in found.lines), Errors()) == found.words
    totals = [line.errors.total for line in found.lines]
    assert totals == sorted(totals, reverse=True)
    assert len(found.lengths) == len(LENGTHS) + 1


def test_the_table_says_it():
    said = str(error_sheet(HEARD))
    lines = said.split("\n")
    assert lines[0] == "5 utterances, normalisation: none"
    assert "words              62.50            3        1         1        8" in lines
    assert "george             66.67            2        0         0        3" in lines
    assert "?                 100.00            1        0         0        1" in lines
    assert "     2  five -> nine" in lines
    assert "     1  one deleted" in lines
    assert "     1  six inserted" in lines
    assert "     1  3.wav (theo)" in lines
    assert "        reference  (nothing)" in lines
    assert "normalisation: lower, no punctuation" in str(
        error_sheet(HEARD, "lower, no punctuation")
    )


def test_a_table_without_speakers_or_errors():
    said = str(error_sheet([Utterance("a", "one " * 40, "one " * 40)]))
    assert "speaker" not in said
    assert "hypothesis" not in said
    wrong = str(error_sheet([Utterance("a", "one " * 40, "two")]))
    assert "one one..." in wrong or "..." in wrong
    assert max(map(len, wrong.split("\n"))) < 80


def test_the_file_holds_every_utterance(tmp_path):
    odd = Utterance('a,"b".wav', "say, now", "say\nnow", "ü")
    found = error_sheet([*HEARD, odd])
    found.save(tmp_path / "errors.csv")
    with open(tmp_path / "errors.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert sum(int(row["words"]) for row in rows) == found.words.length
    assert sum(int(row["inserted"]) for row in rows) == found.words.insertions
    row = next(row for row in rows if row["name"] == odd.name)
    assert (row["speaker"], row["reference"], row["substituted"]) == ("ü", "say, now", "1")


def test_for_machines():
    told = json.loads(json.dumps(error_sheet(HEARD).to_json()))
    assert told["normalisation"] == "none"
    assert told["words"]["rate"] == 62.5
    assert told["speakers"]["theo"]["deletions"] == 1
    assert told["confusions"][0] == ["five", "nine", 2]
    assert [None, "six", 1] in told["confusions"]
    assert told["lines"][0]["errors"]["length"] == 2


def test_wrong_use_is_told():
    with pytest.raises(BadInput, match="there are no utterances to compare"):
        error_sheet([])
    with pytest.raises(UnknownName, match="no normalisation 'upper'"):
        error_sheet(HEARD, "upper")

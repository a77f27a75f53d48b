"""The user's speech: train, recognise, go on, measure, from the command line."""

import json

import pytest
import torch

import zoo
from tests.cli.test_finetune import zoo_says
from tests.helpers.speech import manifest, say
from zoo import cards
from zoo.data.audio.read import write
from zoo.decoding import arpa
from zoo.errors import BadInput, Missing, UnknownName
from zoo.recipes.own.speech_recognition import finetune_recipe, own_recipe

QUICK = ["steps=200", "batch_size=6", "evaluate_every=50", "lr=0.015", "speed=0", "time_mask=0"]
SMALL = [
    "channels=4",
    "hidden_size=24",
    "num_layers=1",
    "dropout=0",
    "--device",
    "cpu",
    "--threads",
    "1",
]


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Thirty of words that are tones."""
    return manifest(tmp_path_factory.mktemp("data") / "tones", count=30, speakers=3, rate=16000)


@pytest.fixture(scope="module")
def trained(recordings, tmp_path_factory):
    """A run folder."""
    folder = tmp_path_factory.mktemp("run")
    arguments = ["train", "deep_speech", "--data", recordings, *QUICK, *SMALL, "--out", folder]
    code, out, err = zoo_says(*arguments)
    assert code == 0, err
    assert "wer %" in out
    assert "language model of 24 training texts: word errors on 3 utterances of dev" in out
    return folder


def test_the_language_model_of_the_texts_lies_beside_the_weights(trained, tmp_path):
    [path] = trained.glob("*.arpa")
    assert path.stem == cards.card(trained).name
    assert {"ab", "cd", "ba"} <= set(arpa.read(path).words)
    assert "language model of 24 training texts" in cards.card(trained).notes
    write(tmp_path / "a.wav", say("cd"), 8000)
    for lm in (path, "none", "own"):
        assert zoo.load(trained, lm=lm)(tmp_path / "a.wav").text == "cd"


def test_it_hears_the_words_and_where_they_are(trained, tmp_path):
    write(tmp_path / "new.wav", say("ab cd ba", 1.01, seed=99), 8000)
    heard = zoo.load(trained)(tmp_path / "new.wav")
    assert heard.text == "ab cd ba"
    assert [word.text for word in heard.words] == ["ab", "cd", "ba"]
    for n, word in enumerate(heard.words):  # 0.05 s of silence, then 0.2 s of word
        assert 0.25 * n - 0.05 <= word.start <= word.end <= 0.25 * (n + 1) + 0.1
        assert 0.5 < word.confidence <= 1
    assert heard.seconds == 0.8


def test_the_command_line_prints_words_and_times(trained, tmp_path):
    write(tmp_path / "a.wav", say("cd"), 8000)
    code, out, err = zoo_says("predict", trained, tmp_path / "a.wav", "--device", "cpu")
    assert code == 0, err
    first, second = out.splitlines()
    assert first == f"{tmp_path / 'a.wav'}: cd"
    assert second.split()[2] == "cd"
    code, out, _ = zoo_says("predict", trained, tmp_path / "a.wav", "--json")
    [answer] = json.loads(out)
    assert answer["text"] == "cd"
    assert answer["words"][0]["start"] < answer["words"][0]["end"]


def test_it_is_measured_on_a_manifest(trained, recordings):
    code, out, err = zoo_says("evaluate", trained, "--data", recordings, "--json")
    assert code == 0, err
    assert json.loads(out)["wer"] < 30


def test_training_goes_on_with_the_same_labels_and_perhaps_more(trained, recordings, tmp_path):
    same = finetune_recipe(str(trained), recordings, {"steps": "2"})
    assert same.start == str(trained)
    old = cards.card(trained)
    task = same.build(torch.device("cpu"))
    assert task.vocabulary.words == tuple(old.classes)
    assert task.data.front_end.to_card() == old.front_end
    before = task.evaluate("test")
    more = tmp_path / "more.jsonl"
    lines = [json.loads(line) for line in recordings.read_text().splitlines()]
    for line in lines:
        line["audio_filepath"] = str(recordings.parent / line["audio_filepath"])
        line["text"] = line["text"].replace("cd", "ce") if line is lines[0] else line["text"]
    lines[0]["text"] = "ce"
    more.write_text("".join(json.dumps(line) + "\n" for line in lines))
    new = finetune_recipe(str(trained), more, {"steps": "2"}).build(torch.device("cpu"))
    assert new.vocabulary.words == (*old.classes, "e")
    assert new.model.output.out_features == len(new.vocabulary)
    x, _ = torch.randn(1, 40, 80), None
    known, grown = task.model.eval()(x)[0], new.model.eval()(x)[0]
    assert torch.allclose(known.argmax(2), grown.argmax(2))
    new.data = task.data  # what it knew it still knows
    assert new.evaluate("test") == before


def test_a_text_too_long_for_its_sound_is_named_before_it_is_used(trained, recordings, tmp_path):
    lines = [json.loads(line) for line in recordings.read_text().splitlines()]
    for line in lines:
        line["audio_filepath"] = str(recordings.parent / line["audio_filepath"])
    for n in (3, 9):
        lines[n]["text"] = "ab " * 60
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines[:9]))
    (tmp_path / "test.jsonl").write_text(json.dumps(lines[9]) + "\n" + json.dumps(lines[11]) + "\n")
    (tmp_path / "dev.jsonl").write_text(json.dumps(lines[10]) + "\n")
    run = ["train", "deep_speech", "--data", tmp_path, *SMALL, "steps=1", "batch_size=2"]
    code, out, err = zoo_says(*run, "--out", tmp_path / "run")
    assert code == 0, err
    assert "note: 1 of 9 utterances teach nothing:" in err
    assert "tones" in err
    assert "1 of 2 utterances cannot be transcribed correctly" in out
    code, _, err = zoo_says("evaluate", trained, "--data", tmp_path, "--device", "cpu")
    assert code == 0, err
    assert "note: 1 of 2 utterances cannot be transcribed correctly" in err
    (tmp_path / "train.jsonl").unlink()
    code, _, again = zoo_says("evaluate", trained, "--data", tmp_path, "--device", "cpu")
    assert (code, again) == (0, err)


def test_what_cannot_be_done_is_said(recordings, tmp_path):
    with pytest.raises(Missing, match="there is no file .*expected a manifest"):
        own_recipe("deep_speech", tmp_path / "no.jsonl", {})
    with pytest.raises(UnknownName, match="hiden"):
        own_recipe("deep_speech", recordings, {"hiden": "3"})
    with pytest.raises(BadInput, match="speed must lie"):
        own_recipe("deep_speech", recordings, {"speed": "90"}).build(torch.device("cpu"))

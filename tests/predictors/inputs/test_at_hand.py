"""Inputs of predictors from addresses and open files: the answer of the file itself."""

import io
import json

import pytest
import torch

import zoo
from tests.data import server as http
from tests.data.server import serving
from zoo.cli.main import main
from zoo.data.audio.read import write
from zoo.errors import BadFile, BadInput, Missing
from zoo.predictors.inputs.at_hand import at_hand
from zoo.predictors.inputs.images import probe


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    probe().save(folder / "a.png")
    noise = 0.1 * torch.randn(12_000, generator=torch.Generator().manual_seed(0))
    for name in ("b.wav", "c.wav"):
        write(folder / name, noise, 16_000)
    return folder


@pytest.mark.parametrize("raw", ["a.png", "http", "httpx://a", None, 3, b"x", ["http://a"], 2.5])
def test_all_else_stays_as_it_is(raw):
    assert at_hand(raw, "an image") is raw


def test_an_open_file_is_read_to_its_end_and_stays_open():
    file = io.BytesIO(b"12345")
    file.read(1)
    assert at_hand(file, "an image") == b"2345"
    assert not file.closed
    with pytest.raises(BadInput, match=r"a sound needs a file that is open for bytes \(mode rb\)"):
        at_hand(io.StringIO("x"), "a sound")


@pytest.mark.parametrize(
    ("weights", "name"),
    [("lenet5.digits", "a.png"), ("deep_speech.fsdd", "b.wav"), ("trigger_word.alexa", "b.wav")],
)
def test_addresses_and_open_files_give_the_answer_of_the_file(weights, name, files):
    predictor, data = zoo.load(weights, device="cpu"), (files / name).read_bytes()
    right = predictor(files / name).to_json()
    with serving(http.whole(data)) as served:
        address = f"{served.url}{name}"
        assert predictor(address).to_json() == right
        both = [str(one) for one in predictor([address, files / name])]
        assert both == [str(predictor(files / name))] * 2
    with (files / name).open("rb") as file:
        assert predictor(file).to_json() == right
    errors = predictor.each([served.url, str(files / name)])  # the server is gone
    assert isinstance(errors[0], Missing)
    assert errors[1].to_json() == right


@pytest.mark.parametrize("weights", ["deep_speech.fsdd", "trigger_word.alexa"])
def test_a_folder_of_sounds(weights, files, capsys):
    predictor = zoo.load(weights, device="cpu")
    answers = predictor(files)
    assert "2 sounds; 1 other files are left out" in capsys.readouterr().err
    assert len(answers) == 2
    assert answers[0].to_json() == answers[1].to_json() == predictor(files / "b.wav").to_json()


def test_the_verb_takes_folders_and_addresses(files, capsys):
    with serving(http.whole((files / "a.png").read_bytes())) as served:
        words = [str(files), served.url + "a.png"]
        assert main(["predict", "lenet5.digits", *words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["input"] for one in told] == [str(files / "a.png"), words[1]]
    assert told[0]["label"] == told[1]["label"]


@pytest.mark.parametrize("weights", ["lenet5.digits", "deep_speech.fsdd", "trigger_word.alexa"])
def test_what_cannot_be_read_at_an_address_is_told_with_it(weights):
    predictor = zoo.load(weights, device="cpu")
    with serving(http.whole(b"<html>")) as served, pytest.raises(BadFile) as caught:
        predictor(served.url + "a")
    assert str(caught.value).startswith(f"{served.url}a: the ")

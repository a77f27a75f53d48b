"""Word vectors keep the promises of ``fit``: stopped or killed anywhere, the same bits in the end.

The text is read in small pieces here, so that a run has several moments within an epoch.
"""

import gzip
import json
import os
import signal

import pytest
import torch

from tests.cli.test_finetune import zoo_says
from tests.helpers import own_data
from tests.helpers.forks import started
from tests.helpers.marks import long_if
from zoo import files
from zoo.api.training import train
from zoo.engine.checkpoint import Checkpoints
from zoo.errors import BadInput, Busy, Interrupted
from zoo.recipes.common import vectors_run
from zoo.trainers import glove, word2vec, word2vec_torch

pytest.importorskip("numba")
FIELDS = {"embedding_dim": 6, "min_count": 1, "epochs": 3}  # 6: a width is compiled once
KINDS = {
    "word2vec": {"sample": 0.5, "negative": 3},
    "glove": {"window": 3},
    "word2vec, torch": {"sample": 0.5, "backend": "torch"},
}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    cut()
    yield
    word2vec.PIECE, word2vec_torch.BLOCK, glove.BLOCK = PLAIN
    vectors_run.EVERY = 120.0


PLAIN = word2vec.PIECE, word2vec_torch.BLOCK, glove.BLOCK


def cut():
    """Pieces of a tenth of the text, each of which is saved."""
    word2vec.PIECE = word2vec_torch.BLOCK = 60
    glove.BLOCK = 8
    vectors_run.EVERY = 0.0


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "en.txt"
    path.write_text(own_data.prose())
    return path


def run(kind, text, out, **fields):
    return train(kind.split(",")[0], text, out=out, **FIELDS, **KINDS[kind], **fields)


def left(folder):
    """What must be the same: weights, log, last checkpoint."""
    [weights] = folder.glob("*.safetensors")
    last = sorted((folder / "checkpoints").glob("*.safetensors"))[-1]
    return [files.sha256(path) for path in (weights, folder / "log.jsonl", last)] + [last.name]


class Stop:
    """A watch's ``after_piece`` that does something before the n-th save."""

    def __init__(self, monkeypatch, after, act):
        self.left, plain = after, Checkpoints.save

        def save(*args, **kwargs):
            saved = plain(*args, **kwargs)
            self.left -= 1
            if self.left == 0:
                act()
            return saved

        monkeypatch.setattr(Checkpoints, "save", save)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("word2vec", signal.SIGINT),
        ("glove", signal.SIGTERM),
        long_if(True, "word2vec, torch", signal.SIGTERM),
    ],
)
def test_a_signal_leaves_a_checkpoint_from_which_the_same_bits_come(
    kind, number, text, tmp_path, monkeypatch
):
    before = signal.getsignal(number)
    run(kind, text, tmp_path / "straight")
    with monkeypatch.context() as patch:
        stop = Stop(patch, 14, lambda: os.kill(os.getpid(), number))
        with pytest.raises(Interrupted, match="in epoch 2 of 3, after writing") as said:
            run(kind, text, tmp_path / "stopped")
        assert said.value.signal_number == number
        assert stop.left == -1
    assert not list((tmp_path / "stopped").glob("*.safetensors"))
    assert signal.getsignal(number) is before
    rows = (tmp_path / "stopped" / "log.jsonl").read_text().splitlines()
    assert [json.loads(row)["step"] for row in rows] == [1]
    run(kind, text, tmp_path / "stopped")
    assert left(tmp_path / "stopped") == left(tmp_path / "straight")
    again = run(kind, text, tmp_path / "stopped")  # a finished run is only measured
    assert left(again.folder) == left(tmp_path / "straight")


def killed(kind, text, out, after):
    cut()
    with pytest.MonkeyPatch.context() as patch:
        Stop(patch, after, lambda: os.kill(os.getpid(), signal.SIGKILL))
        run(kind, text, out)


@pytest.mark.parametrize(("kind", "saves"), [long_if(True, "word2vec", (3, 12)), ("glove", (5,))])
def test_killed_and_resumed_it_ends_with_the_same_bits(kind, saves, text, tmp_path):
    run(kind, text, tmp_path / "straight")
    for after in saves:
        process = started(killed, kind, text, tmp_path / "killed", after)
        process.join(120)
        assert process.exitcode == -signal.SIGKILL
    run(kind, text, tmp_path / "killed")
    assert left(tmp_path / "killed") == left(tmp_path / "straight")


def test_another_run_in_the_folder_is_refused_before_anything_is_read(text, tmp_path):
    out = tmp_path / "run"
    run("word2vec", text, out)
    before = left(out)
    for fields, said in [
        ({"window": 2}, "window was 5, is 2"),
        ({"seed": 1}, "seed was 0, is 1"),
        ({"epochs": 4}, "epochs was 3, is 4"),
        ({"tokens": "lower"}, "data_sha256 was"),
    ]:
        with pytest.raises(BadInput, match=said):
            train("word2vec", text, out=out, **{**FIELDS, **KINDS["word2vec"], **fields})
    with pytest.raises(BadInput, match="arch was word2vec, is glove"):
        run("glove", text, out)
    text.write_text(own_data.prose(seed=1))
    with pytest.raises(BadInput, match="data_sha256 was"):
        run("word2vec", text, out)
    assert left(out) == before


def test_anyway_goes_on_if_the_tables_fit_and_says_so_if_not(text, tmp_path):
    out = tmp_path / "run"
    run("word2vec", text, out)
    longer = train("word2vec", text, out=out, anyway=True, **{**FIELDS, "epochs": 4})
    assert len((out / "log.jsonl").read_text().splitlines()) == 4
    assert longer.card.settings["epochs"] == 4
    with pytest.raises(BadInput, match=r"model.outputs.*, this run needs .*; start with --fresh"):
        train("word2vec", text, out=out, anyway=True, **{**FIELDS, "epochs": 4, "embedding_dim": 5})
    other = tmp_path / "lenet"
    train("lenet5.digits", out=other, steps=1)
    with pytest.raises(BadInput, match="holds no checkpoint of word vectors"):
        run("word2vec", text, other, anyway=True)


def test_fewer_epochs_than_were_learned_are_refused(text, tmp_path):
    """The card would say that the vectors took fewer."""
    out = tmp_path / "run"
    run("glove", text, out)
    before = left(out)
    for epochs in (1, 2):
        with pytest.raises(BadInput, match=f"learned for longer than epochs={epochs}; use"):
            train("glove", text, out=out, anyway=True, **{**FIELDS, "epochs": epochs})
    assert left(out) == before


@pytest.mark.parametrize(
    "facts",
    [
        {"position": {"epoch": 1, "losses": []}},
        {"position": [], "setting": {}},
        {"position": {"epoch": "2", "losses": [0.5]}, "setting": {}},
        {"position": {"epoch": 2, "losses": ["x"]}, "setting": {}},
        {"position": {"epoch": 2, "losses": [0.5], "piece": -1}, "setting": {}},
        {"position": {"epoch": 3, "losses": [0.5]}, "setting": {}},
    ],
)
def test_a_checkpoint_that_does_not_say_where_it_stands_is_refused(facts, text, tmp_path):
    with Checkpoints(tmp_path / "run" / "checkpoints") as checkpoints:
        checkpoints.save(1, {"model.state": torch.zeros(2)}, facts)
    with pytest.raises(BadInput, match="holds no checkpoint of word vectors"):
        run("glove", text, tmp_path / "run", anyway=True)


def test_one_process_at_a_time(text, tmp_path):
    taken = Checkpoints(tmp_path / "run" / "checkpoints")
    with taken, pytest.raises(Busy, match="is in use by process"):
        run("glove", text, tmp_path / "run")
    assert not (tmp_path / "run" / "log.jsonl").exists()


def test_fresh_leaves_no_weights_beside_the_log_of_another_run(text, tmp_path, monkeypatch):
    out = tmp_path / "run"
    run("glove", text, out)
    Stop(monkeypatch, 1, lambda: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(Interrupted):
        run("glove", text, out, fresh=True, eta=0.01)
    assert not list(out.glob("glove.en.*"))


def test_weights_that_other_settings_made_are_not_overwritten(text, tmp_path):
    out = tmp_path / "run"
    made = run("glove", text, out)
    for path in (out / "checkpoints").iterdir():
        path.unlink()
    (out / "checkpoints").rmdir()  # a run of before there were any
    with pytest.raises(BadInput, match="holds another run: eta was 0.05, is 0.01"):
        run("glove", text, out, eta=0.01)
    assert run("glove", text, out).card.sha256 == made.card.sha256


def test_a_packed_text_beside_the_plain_one_is_another_run(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    packed = tmp_path / "en.txt.gz"
    packed.write_bytes(gzip.compress(text.read_bytes()))
    fields = [f"{k}={v}" for k, v in {**FIELDS, **KINDS["glove"]}.items()]
    for data in (text, packed):
        code, _, err = zoo_says("train", "glove", "--data", data, *fields)
        assert code == 0, err
    runs = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert runs == ["glove.en", "glove.en-gz"]


def test_a_bit_that_flips_in_a_checkpoint_costs_one_piece(text, tmp_path, monkeypatch):
    run("glove", text, tmp_path / "straight")
    Stop(monkeypatch, 9, lambda: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(Interrupted):
        run("glove", text, tmp_path / "run")
    last = sorted((tmp_path / "run" / "checkpoints").glob("*.safetensors"))[-1]
    data = bytearray(last.read_bytes())
    data[-1] ^= 1
    last.write_bytes(data)
    with pytest.warns(UserWarning, match="is damaged; going back to"):
        run("glove", text, tmp_path / "run")
    assert left(tmp_path / "run") == left(tmp_path / "straight")

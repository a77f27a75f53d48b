"""zoo bench ctc: it shows what it says; nothing here depends on how quick the machine is."""

import pytest
import torch

from zoo.bench import ctc as module
from zoo.bench.ctc import ALONE, GREEDY, HEAD, OURS, Row, Size, peaky_emissions, run
from zoo.errors import UnknownName

SMALL = Size(frames=20, classes=6, beam=4, batch=3, slow_batch=1, labels=4)


@pytest.fixture
def no_peers(monkeypatch):
    def load(name):
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(module, "import_module", load)


def test_without_peers_a_row_says_how_to_get_them(no_peers):
    rows = list(run(1, size=SMALL))
    notes = {row.what: row.note for row in rows if row.note}
    assert notes["pyctcdecode"] == "not installed; pip install --no-deps pyctcdecode pygtrie"
    assert notes["flashlight, log_add"] == "not installed; pip install flashlight-text"
    assert [row.what for row in rows if row.emissions == "peaky"] == [
        OURS, ALONE, GREEDY, "flashlight, log_add", "pyctcdecode"
    ]  # fmt: skip
    for row in rows:
        assert len(row.cells()) == len(HEAD)
        assert row.note or row.cpu > 0
    ours, alone, greedy = rows[:3]
    assert ours.ratio == 1
    assert alone.ln_p == pytest.approx(ours.ln_p, abs=1e-4)
    assert max(ours.ln_p, greedy.ln_p) < 0


@pytest.mark.parametrize(
    ("peer", "package"), [("flashlight", "flashlight.lib.text.decoder"), ("pyctcdecode",) * 2]
)
def test_with_its_peers_all_answer_the_same_where_nothing_is_in_doubt(peer, package):
    pytest.importorskip(package)
    sure = (3 * peaky_emissions(SMALL)).log_softmax(2)
    decoders, absent = module._decoders(SMALL, (peer,))
    answers = [list(decode(sure[:1])[0]) for decode, _ in decoders.values()]
    assert absent == []
    assert answers == [answers[0]] * 4
    assert len(answers[0]) > 1


def test_peers_can_be_chosen():
    names = {row.what for row in run(1, size=SMALL, peers=("pyctcdecode",))}
    assert not any("flashlight" in name for name in names)
    with pytest.raises(UnknownName, match="no peer 'kaldi'"):
        list(run(1, size=SMALL, peers=("kaldi",)))


def test_peaky_emissions_are_mostly_blank_and_normalised():
    log_p = peaky_emissions(Size(frames=70, batch=2))
    assert torch.allclose(log_p.logsumexp(2), torch.zeros(2, 70), atol=1e-5)
    share = (log_p.argmax(2) == 0).float().mean().item()
    assert 0.8 < share < 0.9


def test_a_row_of_the_table():
    assert Row("a", "random", 0.025, 8.125, -3.0).cells() == (
        "a", "random", "25.00", "40.0", "8.12", "-3.00"
    )  # fmt: skip
    assert Row("b", "peaky", note="not here").cells() == ("b", "peaky", "not here", "", "", "")

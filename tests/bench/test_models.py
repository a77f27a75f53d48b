"""zoo bench models: it shows what it says; nothing here depends on how quick the machine is."""

import json

import pytest
import torch
from torch import nn

from zoo import registry
from zoo.bench import models as module
from zoo.bench.models import HEAD, PEERS, Row, run
from zoo.cli.main import main
from zoo.errors import BadFile, UnknownName

ROW = Row("resnet18", "forward", 8, 0.5, 0.4, 1.25, 0.9, 0.8)


def here(name):
    if name not in registry.list_models():
        pytest.skip(f"no {name} yet")
    return name


def command(capsys, *words):
    assert main(["bench", "models", *words]) == 0
    return capsys.readouterr().out


def test_the_smallest_run(capsys):
    here("resnet18")
    words = ["--models", "resnet18", "--rounds", "1", "--batch", "1,2", "--size", "32", "--json"]
    words += ["--no-onnxruntime"]
    told = json.loads(command(capsys, *words))
    rows = told["rows"]
    rows = [row for row in rows if "bfloat16" not in row["what"]]  # not on every machine
    kinds = [(row["what"].partition(" (")[0], row["batch"]) for row in rows]
    assert kinds == [("forward", 1), ("optimized", 1), ("forward", 2), ("optimized", 2),
                     ("forward + backward", 2)]  # fmt: skip
    for row in rows:
        assert min(row[k] for k in ("ours", "theirs", "ours_cpu", "theirs_cpu")) > 0
        assert row["ratio"] == pytest.approx(row["ours"] / row["theirs"])  # of a single round
    assert told["torch"] == torch.__version__
    assert told["rounds"] == 1


def test_onnxruntime_is_a_peer_or_is_missing(monkeypatch):
    options = {"models": ("resnet18",), "batch": (2,), "size": 32}
    session = module.matched_networks("resnet18")[0].eval()  # in place of one that takes seconds
    monkeypatch.setattr(module, "_session", lambda network, size: session)
    (row,) = [row for row in run(1, **options) if row.what == "optimized beside onnxruntime"]
    assert min(row.ours, row.theirs) > 0
    assert row.ratio == pytest.approx(row.ours / row.theirs)
    monkeypatch.setattr(module, "_session", lambda network, size: None)
    (row,) = [row for row in run(1, **options) if row.note]
    assert row.cells()[1].startswith("optimized beside onnxruntime: not installed; pip install")
    assert len(row.cells()) == len(HEAD)


def test_channels_last_and_a_page(capsys, tmp_path):
    here("resnet18")
    page = tmp_path / "page.md"
    begin, end = "<!-- bench models -->", "<!-- /bench models -->"
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n")
    words = ["--models", "resnet18", "--rounds", "1", "--batch", "2", "--size", "32"]
    words += ["--channels-last", "--markdown", str(page)]
    assert "training: channels-last" in command(capsys, *words)
    text = page.read_text()
    assert text.startswith(f"before\n{begin}\n| network |")
    assert text.endswith(f"one round.\n{end}\nafter\n")
    assert "| `resnet18` | training: channels-last | 2 |" in text
    assert "old" not in text


@pytest.mark.parametrize("name", PEERS)
def test_the_pair_has_the_same_weights_and_gives_the_same(name):
    """Auxiliary heads on both sides in training, on none in eval mode."""
    here(name)
    if name in ("vgg16", "resnet50"):
        pytest.skip("as the others, only larger")
    ours, peer = module.matched_networks(name)
    assert ours.state_dict().keys() == peer.state_dict().keys()
    size = {"googlenet_tv": 96, "inception_v3": 107}.get(name, 96)
    images = torch.randn(2, 3, size, size)
    with torch.no_grad():
        difference = (ours.eval()(images) - peer.eval()(images)).abs().max()
    assert difference <= 1e-5 * peer(images).abs().max()
    heads = {"googlenet_tv": 3, "inception_v3": 2}.get(name, 0)
    assert len([k for k in ours.state_dict() if k.lower().startswith("aux") and "fc" in k]) >= (
        heads - 1
    )


def test_sides_that_disagree_are_not_timed(monkeypatch):
    one, other = nn.Linear(3, 2), nn.Linear(3, 2)
    with pytest.raises(BadFile, match="resnet18: the sides give different numbers"):
        module._check_same_outputs("resnet18", [one, other], torch.ones(1, 3))
    module._check_same_outputs("resnet18", [one, one], torch.ones(1, 3))
    with torch.no_grad():
        one.weight.fill_(torch.nan)
    with pytest.raises(BadFile):
        module._check_same_outputs("resnet18", [one, one], torch.ones(1, 3))


def test_the_training_pass_counts_auxiliary_heads_three_tenths():
    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            self.main, self.aux = nn.Linear(3, 4), nn.Linear(3, 4)

        def forward(self, x):
            return (self.main(x), self.aux(x)) if self.training else self.main(x)

    network = Heads().eval()
    with torch.no_grad():
        network.aux.load_state_dict(network.main.state_dict())
    module._training(network, torch.ones(2, 3))()()
    assert network.training
    assert torch.allclose(network.aux.weight.grad, 0.3 * network.main.weight.grad)
    assert network.main.weight.grad.abs().max() > 0


def test_an_unknown_network():
    with pytest.raises(UnknownName, match="did you mean resnet18"):
        list(run(1, models=("resnet8",)))


def test_a_row_of_the_table():
    assert ROW.cells() == ("resnet18", "forward", "8", "500.0", "400.0", "1.25", "900.0", "800.0")
    assert len(ROW.cells()) == len(HEAD)

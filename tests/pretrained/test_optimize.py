"""zoo.optimize: the same answers, from fewer and larger steps."""

import copy
import pickle

import pytest
import torch
from torch import nn

import zoo
from tests.helpers.marks import long_if
from tests.models.checks import built, example
from zoo import registry
from zoo.engine.timing import Times
from zoo.errors import BadInput
from zoo.models.mlp import MLP
from zoo.pretrained import optimize as module
from zoo.pretrained.fuse import fold_norms, trace
from zoo.pretrained.optimize import CLOSED, EAGER, FOLDED, Optimized, has_bfloat16, optimize
from zoo.pretrained.packed import PackedConv2d, can_pack

PACKS = can_pack(nn.Conv2d(1, 1, 1))


def random_statistics(model, seed=0):
    """Batch norms as after a training: nothing is 0 or 1."""
    draw = torch.Generator().manual_seed(seed)
    for part in model.modules():
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            with torch.no_grad():
                for name in ("weight", "running_var"):
                    getattr(part, name).uniform_(0.5, 2, generator=draw)
                for name in ("bias", "running_mean"):
                    getattr(part, name).normal_(generator=draw)
    return model.eval()


def settled(model, x):
    """The means of a batch and half its variances: 1,202 layers stay finite, and alive."""
    random_statistics(model).train()
    kinds = nn.BatchNorm1d | nn.BatchNorm2d
    parts = [part for part in model.modules() if isinstance(part, kinds)]
    random = [part.running_var.clone() for part in parts]
    for part in parts:
        part.momentum = 1.0
    with torch.no_grad():
        model(x)
        for part, variance in zip(parts, random, strict=True):
            part.running_var.add_(variance).div_(2)
            part.bias.mul_(0.1)
    return model.eval()


def relative(got, expected):
    return ((got - expected).abs().max() / expected.abs().max()).item()


def norms(network):
    return sum(isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d) for part in network.modules())


class Twice(nn.Module):
    """One convolution used twice, each time with a norm of its own."""

    def __init__(self):
        super().__init__()
        self.conv, self.one, self.two = nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3), nn.BatchNorm2d(3)

    def forward(self, x):
        return self.two(self.conv(self.one(self.conv(x))))


class Forked(nn.Module):
    """The convolution's output goes to the norm and past it."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3)

    def forward(self, x):
        y = self.conv(x)
        return self.norm(y) + y


class Residual(nn.Module):
    """Sums and ReLUs in every spelling, in and out of place, and sums that repeat one side."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.Conv2d(4, 4, 1, groups=2)
        self.c, self.d = nn.Conv2d(4, 4, 3, 2, 1), nn.Conv2d(4, 1, 1)
        self.norm, self.relu = nn.BatchNorm2d(4), nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.relu(self.norm(self.a(x)))
        y = self.b(x)
        y += x
        y = torch.relu(y)
        y = (x + self.b(y)).relu()
        y = y * torch.add(self.d(y), y)
        z = self.c(y)
        return y.mean((2, 3), keepdim=True) + self.c(y) - self.d(z + z)


PLAIN = {
    "twice": Twice,
    "forked": Forked,
    "residual": Residual,
    "after a ReLU": lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.BatchNorm2d(4)),
    "first": lambda: nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 4, 3)),
    "of the batch": lambda: nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, affine=False, track_running_stats=False)
    ),
    "no convolution": lambda: nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 5)),
    "other padding": lambda: nn.Sequential(
        nn.Conv2d(3, 4, 3, padding="same"), nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect")
    ),
}


def made(name, seed=0):
    torch.manual_seed(seed)
    model = PLAIN[name]()
    if name != "of the batch":
        random_statistics(model)
    return model.eval()


def pictures(count=2, channels=3, size=8, seed=1):
    return torch.randn(count, channels, size, size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("given", [True, False], ids=["example", "no example"])
def test_any_network_gives_the_same(name, given):
    model, x = made(name), pictures()
    fast = optimize(model, x if given else None)
    for count in (1, 2, 5):
        assert relative(fast(pictures(count)), model(pictures(count))) < 1e-5


@pytest.mark.parametrize(
    ("name", "left"), [("twice", 2), ("forked", 1), ("residual", 0), ("after a ReLU", 1),
                       ("first", 1), ("of the batch", 1)]
)  # fmt: skip
def test_only_norms_right_after_their_convolution_are_folded(name, left):
    graph = trace(made(name))
    found = norms(graph)
    assert fold_norms(graph) == found - left
    assert norms(graph) == left


@pytest.mark.parametrize("arch", ["resnet18", "googlenet", "inception_v3"])
def test_folding_is_exact(arch):
    """On the peer's networks, in float64, with statistics that are nothing special."""
    peer = pytest.importorskip("torchvision").models
    options = {} if arch == "resnet18" else {"init_weights": False, "aux_logits": True}
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = random_statistics(getattr(peer, arch)(**options)).double()
    x = pictures(1, 3, 75 if arch == "inception_v3" else 64).double()
    graph = trace(model)
    assert fold_norms(graph) > 15
    with torch.no_grad():
        assert norms(graph) == 0
        assert relative(graph(x), model(x)) < 1e-10


def test_a_network_of_linear_layers_with_norms_is_left_right():
    model = random_statistics(
        MLP(4, image_size=8, hidden_sizes=(16, 12), dropout=0.5, batch_norm=True)
    )
    x = pictures(3, 1)
    assert norms(optimize(model)) == 2
    assert torch.equal(optimize(model)(x), model(x))


def large(name):
    """Large pictures, or deeper than the network that proves the same."""
    deep = name.startswith("resnet") and name != "resnet20"
    return deep or registry.entry(name).input_shape[1] > 100


@pytest.mark.parametrize(
    "name", [long_if(large(n), n) for n in registry.list_models(task="classification")]
)
def test_every_classifier(name):
    x = example(name, 2)
    model = settled(built(name), x)
    with torch.no_grad():
        assert not torch.equal(*model(x))  # the network sees its input
    before = {k: v.clone() for k, v in model.state_dict().items()}
    for fast in (optimize(model), optimize(model, x)):
        with torch.no_grad():
            assert relative(fast(x), model(x)) < 1e-5
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())


def test_the_original_is_not_touched():
    model = Residual().train()
    before = {k: (v.clone(), v.stride()) for k, v in model.state_dict().items()}
    fast = optimize(model, pictures())
    assert model.training
    assert all(p.requires_grad for p in model.parameters())
    after = model.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(v, before[k][0]) and v.stride() == before[k][1]
               for k, v in after.items())  # fmt: skip
    with torch.no_grad():
        model.a.weight.zero_()  # nor does the copy follow the original
    assert relative(fast(pictures()), model.eval()(pictures())) > 1e-3


def test_the_copy_is_for_inference():
    fast = optimize(Residual())
    assert not fast.training
    assert fast.eval() is fast
    with pytest.raises(BadInput, match="train the original"):
        fast.train()
    assert not fast(pictures()).requires_grad


def test_dropout_is_off_and_auxiliary_heads_are_gone():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.drop, self.extra = nn.Conv2d(3, 4, 8), nn.Dropout(), nn.Linear(4, 4)

        def forward(self, x):
            y = self.drop(self.conv(x).flatten(1))
            return (y, self.extra(y)) if self.training else y

    model = Two().train()
    fast = optimize(model, pictures())
    assert relative(fast(pictures()), model.eval()(pictures())) < 1e-5
    assert "extra" not in str(fast)


def test_python_that_depends_on_the_data_is_left_alone():
    class Fickle(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)

        def forward(self, x):
            return self.norm(self.conv(x)) if x.sum() > 0 else self.conv(x)

    model = random_statistics(Fickle())
    for x in (pictures().abs(), -pictures().abs()):
        for fast in (optimize(model), optimize(model, x)):
            assert relative(fast(x), model(x)) < 1e-5


def test_what_the_tracer_took_for_constant_is_noticed():
    """Noise drawn in the forward pass would be frozen in the graph."""

    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.calls = nn.Conv2d(3, 4, 3), 0

        def forward(self, x):
            self.calls += 1
            return self.conv(x) * (1 if self.calls < 2 else 2)

    assert optimize(Counting(), pictures()).form == EAGER


def test_a_form_that_fails_is_not_taken(monkeypatch):
    def broken(network, example):
        network.forward = lambda x: torch.ones(2, 3) @ torch.ones(2, 3)

    monkeypatch.setattr(module, "pack", broken)
    assert "packed" not in optimize(made("residual"), pictures()).seconds


def forms():
    return [EAGER, FOLDED, "channels_last", *(["packed"] if PACKS else [])]


@pytest.mark.parametrize("wanted", forms())
def test_the_fastest_form_is_taken_and_all_times_are_told(wanted, monkeypatch):
    def timed(sides, rounds, most):
        return {name: Times(wall=[1.0 if name == wanted else 2.0]) for name in sides}

    monkeypatch.setattr(module, "interleaved", timed)
    fast = optimize(made("residual"), pictures())
    assert fast.form == wanted
    assert fast.seconds == {name: 1.0 if name == wanted else 2.0 for name in forms()}
    assert f"form='{wanted}', measured: eager " in str(fast)
    assert relative(fast(pictures()), made("residual")(pictures())) < 1e-5


def test_what_is_not_measured_is_not_chosen():
    for name in ("residual", "no convolution"):
        fast = optimize(made(name))
        assert (fast.form, fast.seconds) == (FOLDED, {})
        assert not any(isinstance(part, PackedConv2d) for part in fast.modules())


def one_form(wanted, monkeypatch, model, **options):
    """``model`` optimized, with ``wanted`` as the fastest form."""

    def timed(sides, rounds, most):
        return {name: Times(wall=[1.0 if name == wanted else 2.0]) for name in sides}

    monkeypatch.setattr(module, "interleaved", timed)
    fast = optimize(model, pictures(), **options)
    assert fast.form == wanted
    return fast


@pytest.mark.parametrize("wanted", forms())
def test_it_can_be_copied_and_pickled_and_exported_or_says_that_it_cannot(wanted, monkeypatch):
    fast = one_form(wanted, monkeypatch, made("residual"))
    x, expected = pictures(3), fast(pictures(3))
    for twin in (copy.deepcopy(fast), pickle.loads(pickle.dumps(fast))):
        assert torch.equal(twin(x), expected)
        assert (twin.form, twin.seconds) == (fast.form, fast.seconds)
    if wanted in CLOSED:
        with pytest.raises(BadInput, match="the packed form cannot be exported; take the original"):
            torch.export.export(fast, (x,))
        with pytest.raises(BadInput, match="packed weights are in no state_dict"):
            fast.state_dict()
        return
    exported = torch.export.export(fast, (x,)).module()
    assert relative(exported(x), expected) < 1e-5
    assert fast.state_dict()


def test_without_an_example_it_can_be_copied_pickled_and_exported():
    model, x = made("residual"), pictures(3)
    fast = optimize(model)
    exported = torch.export.export(fast, (x,)).module()
    for twin in (copy.deepcopy(fast), pickle.loads(pickle.dumps(fast)), exported):
        assert relative(twin(x), model(x)) < 1e-5


BF16 = has_bfloat16(None)


@pytest.mark.skipif(not BF16, reason="needs a CPU with bfloat16")
@pytest.mark.parametrize("name", ["residual", "no convolution"])
def test_bfloat16_for_those_who_ask(name, monkeypatch):
    model, x = made(name), pictures()
    plain = optimize(model, x)
    assert not any("bfloat16" in form for form in plain.seconds)
    rough = "bfloat16 packed" if name == "residual" and PACKS else "bfloat16"
    fast = one_form(rough, monkeypatch, model, precision="bfloat16")
    assert set(plain.seconds) < set(fast.seconds)  # nothing slower than float32 is taken either
    got = fast(x)
    assert got.dtype == torch.float32
    assert 1e-5 < relative(got, model(x)) < module.ROUGH
    assert torch.equal(copy.deepcopy(fast)(x), got)


def test_bfloat16_where_the_processor_has_none(monkeypatch):
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False)
    with pytest.raises(BadInput, match="bfloat16 needs a CPU with AVX512-BF16 or AMX"):
        optimize(made("residual"), pictures(), precision="bfloat16")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": "float16"}, "precision must be 'float32' or 'bfloat16', got 'float16'"),
        ({"backend": "openvino"}, "backend must be 'torch' or 'onnxruntime', got 'openvino'"),
        ({"precision": "bfloat16"}, "precision='bfloat16' needs an example, with which it is"),
        ({"backend": "onnxruntime"}, "backend='onnxruntime' needs an example, with which it is"),
        ({"example": pictures(), "backend": "onnxruntime", "compile": True}, "cannot be compiled"),
        (
            {"example": pictures(), "backend": "onnxruntime", "precision": "bfloat16"},
            "float32 here",
        ),
    ],
    ids=str,
)
def test_choices_that_cannot_be_had(options, message):
    with pytest.raises(BadInput, match=message):
        optimize(made("residual"), **options)


def test_an_example_that_does_not_fit():
    with pytest.raises(BadInput, match=r"example \(2, 5, 8, 8\) does not fit the model"):
        optimize(made("residual"), pictures(2, 5))


def test_compile_gets_the_folded_network(monkeypatch):
    seen, plain = [], torch.compile

    def traced(network, options):
        seen.append((norms(network), options))
        return plain(network, backend="aot_eager")

    monkeypatch.setattr(torch, "compile", traced)
    model = made("residual")
    fast = optimize(model, compile=True)
    with torch.no_grad():
        assert relative(fast(pictures()), model(pictures())) < 1e-5
    assert seen == [(0, {"freezing": True})]


def test_the_compiled_form_is_kept_if_it_is_right_and_faster(monkeypatch):
    model, x = made("residual"), pictures()
    wrong = nn.Sequential(nn.Conv2d(3, 1, 1), nn.AdaptiveAvgPool2d(1))
    cases = ((model, "compiled", "compiled"), (model, FOLDED, FOLDED), (wrong, "compiled", EAGER))
    for compiled, fastest, kept in cases:
        monkeypatch.setattr(torch, "compile", lambda network, options, c=compiled: c)

        def timed(sides, rounds, most, fastest=fastest):
            return {name: Times(wall=[1.0 if name == fastest else 2.0]) for name in sides}

        monkeypatch.setattr(module, "interleaved", timed)
        fast = optimize(model, x, compile=True)
        assert fast.form == kept
        assert ("compiled" in fast.seconds) == (compiled is not wrong)


@pytest.mark.long
def test_compile_with_generated_code():
    model = made("residual")
    fast = optimize(model, pictures(), compile=True)
    with torch.inference_mode():
        assert relative(fast(pictures()), model(pictures())) < 1e-5


def test_it_is_public():
    assert zoo.optimize is optimize
    assert isinstance(optimize(nn.Linear(2, 2)), Optimized)

"""onnxruntime behind the same call: the same answers, copies, one line where it cannot be had."""

import copy
import pickle
import sys

import pytest
import torch
from torch import nn

from zoo.errors import BadInput
from zoo.pretrained import onnx_session as module
from zoo.pretrained import optimize as optimizing
from zoo.pretrained.onnx_session import onnx_session
from zoo.pretrained.optimize import optimize

ort = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")


def network():
    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout())
    return nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5)).eval()


@pytest.fixture(scope="module")
def session():
    """Made once: the exporter takes a second."""
    return onnx_session(network(), torch.zeros(1, 3, 8, 8))


def test_it_gives_the_same_for_any_batch(session):
    for count in (1, 2, 5):
        x = torch.randn(count, 3, 8, 8).to(memory_format=torch.channels_last)
        with torch.no_grad():
            torch.testing.assert_close(session(x), network()(x), rtol=1e-4, atol=1e-5)


def test_it_can_be_copied_and_pickled(session):
    x = torch.randn(2, 3, 8, 8)
    for twin in (copy.deepcopy(session), pickle.loads(pickle.dumps(session))):
        assert twin.session is not session.session
        assert torch.equal(twin(x), session(x))


@pytest.mark.parametrize("shape", [(1, 3, 9, 9), (3, 8, 8), (2, 1, 8, 8)], ids=str)
def test_another_input_is_refused(session, shape):
    with pytest.raises(BadInput, match=r"was made for \(N, 3, 8, 8\) torch.float32 on cpu"):
        session(torch.zeros(shape))
    with pytest.raises(
        BadInput, match=r"onnxruntime was given \(1, 3, 8, 8\) torch.float64 on cpu"
    ):
        session(torch.zeros(1, 3, 8, 8).double())


def test_the_faster_of_both_is_kept(session, monkeypatch):
    monkeypatch.setattr(optimizing, "onnx_session", lambda model, example: session)
    fast = optimize(network(), torch.zeros(2, 3, 8, 8), backend="onnxruntime")
    assert set(fast.seconds) == {"eager", "onnxruntime"}
    assert fast.form == min(fast.seconds, key=fast.seconds.get)


def test_answers_that_differ_are_not_used(monkeypatch):
    monkeypatch.setattr(module, "export", lambda model, shape, path: {1: 0.0, 3: 0.02})
    with pytest.raises(BadInput, match="onnxruntime changes the answers by 0.02 of the largest"):
        onnx_session(network(), torch.zeros(1, 3, 8, 8))


def test_without_the_package_one_line_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(BadInput, match=r"pip install 'deep-zoo\[export\]'"):
        optimize(network(), torch.zeros(1, 3, 8, 8), backend="onnxruntime")

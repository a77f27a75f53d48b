"""facenet-pytorch's files: without their classes they load strictly, or not at all."""

import io

import pytest
import torch

from tests.helpers import facenet_peer
from zoo.errors import BadFile
from zoo.models.facenet import facenet
from zoo.pretrained.facenet_pytorch import convert
from zoo.pretrained.load import load_into
from zoo.pretrained.pth import state_dict


@pytest.fixture(scope="module")
def published():
    """Tensors as in a published file, of seven people; read from its bytes."""
    buffer = io.BytesIO()
    torch.save(facenet_peer.state(classes=7), buffer)
    return state_dict(buffer.getvalue(), "vggface2.pt")


def test_a_file_without_its_classes_loads_strictly(published):
    model = facenet().eval()
    tensors = convert(published, model.state_dict())
    assert set(published) - set(tensors) == {"logits.weight", "logits.bias"}
    load_into(model, tensors, "facenet.vggface2")
    assert all(torch.equal(v, published[k]) for k, v in model.state_dict().items())
    pictures = torch.randn(1, 3, 160, 160, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = facenet_peer.forward(published, pictures)
        assert (model(pictures) - expected).abs().max() <= 1e-5


def test_a_file_older_than_the_counters(published):
    with torch.device("meta"):
        initial = facenet().state_dict()
    old = {k: v for k, v in published.items() if not k.endswith("num_batches_tracked")}
    assert set(convert(old, initial)) == set(initial)


@pytest.mark.parametrize("change", ["missing", "more", "shape", "nan"])
def test_another_file_is_refused_and_nothing_is_loaded(published, change):
    key = "repeat_2.3.branch1.1.conv.weight"
    other = dict(published)
    if change == "missing":
        del other[key]
    elif change == "more":
        other["other.weight"] = other[key]
    elif change == "shape":
        other[key] = other[key].transpose(2, 3)
    else:
        other[key] = other[key].clone().fill_(float("nan"))
    model = facenet()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    with pytest.raises(BadFile, match="do not fit") as caught:
        load_into(model, convert(other, model.state_dict()), "facenet.vggface2")
    assert "\n" not in str(caught.value)
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())

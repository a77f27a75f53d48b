"""facenet-pytorch's files: without their classes they load strictly, or not at all."""

import pytest
import torch

from tests.helpers import facenet_peer
from zoo.errors import BadFile
from zoo.models.facenet import facenet
from zoo.pretrained.facenet_pytorch import convert
from zoo.pretrained.load import load_into

PUBLISHED = "facenet.vggface2"


@pytest.fixture(scope="module")
def published():
    """Tensors as in a published file, of seven people."""
    return facenet_peer.published()


@pytest.fixture(scope="module")
def model():
    return facenet().eval()


def test_a_file_without_its_classes_loads_strictly(published, model):
    tensors = convert(published, model.state_dict())
    assert set(published) - set(tensors) == {"logits.weight", "logits.bias"}
    load_into(model, tensors, PUBLISHED)
    assert all(torch.equal(v, published[k]) for k, v in model.state_dict().items())


def test_a_file_older_than_the_counters(published):
    with torch.device("meta"):
        initial = facenet().state_dict()
    old = {k: v for k, v in published.items() if not k.endswith("num_batches_tracked")}
    assert set(convert(old, initial)) == set(initial)


@pytest.mark.parametrize("change", ["missing", "more", "shape", "nan"])
def test_another_file_is_refused_and_nothing_is_loaded(published, model, change):
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
    before = {k: v.clone() for k, v in model.state_dict().items()}
    with pytest.raises(BadFile, match="do not fit") as caught:
        load_into(model, convert(other, model.state_dict()), PUBLISHED)
    assert "\n" not in str(caught.value)
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())

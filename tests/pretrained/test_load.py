"""Fault matrix B6: weights that do not fit are refused, and then not one tensor has changed."""

import pytest
import torch
from safetensors.torch import save

from tests.helpers.small_weights import plain_card
from tests.helpers.toy import same, weights
from zoo import cards
from zoo.errors import BadFile
from zoo.pretrained.create import create_model
from zoo.pretrained.load import load_into, read_tensors


@pytest.fixture
def model():
    """A network with every kind of entry: weights, running statistics, a count."""
    torch.manual_seed(0)
    return create_model("mlp", image_size=4, hidden_sizes=(6,), batch_norm=True)


@pytest.fixture
def good(model):
    """Other values for every entry of ``model``."""
    return {k: v + 1 for k, v in weights(model).items()}


def refused(model, tensors, reason):
    """The weights are refused for ``reason``, and ``model`` is as it was."""
    before = weights(model)
    with pytest.raises(BadFile, match=reason) as error:
        load_into(model, tensors, "mlp.test")
    assert "mlp.test" in str(error.value)
    assert "nothing was loaded" in str(error.value)
    assert same(before, weights(model))


def test_weights_that_fit_are_copied_bit_for_bit(model, good):
    load_into(model, good, "mlp.test")
    assert same(weights(model), good)


def test_weights_that_fit_are_copied_not_shared(model, good):
    load_into(model, good, "mlp.test")
    good["output.weight"].zero_()
    assert model.output.weight.abs().sum() > 0


KEYS = (  # of the model above
    *("layers.0.weight", "layers.1.weight", "layers.1.bias", "layers.1.running_mean"),
    *("layers.1.running_var", "layers.1.num_batches_tracked", "output.weight", "output.bias"),
)


def test_the_keys_below_are_all_there_are(model):
    assert tuple(model.state_dict()) == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_one_missing(model, good, key):
    del good[key]
    refused(model, good, f"missing {key}")


@pytest.mark.parametrize("key", KEYS)
def test_one_of_another_shape(model, good, key):
    good[key] = torch.zeros(3, 1, dtype=good[key].dtype)
    refused(model, good, rf"{key} has shape \(3, 1\), expected")


@pytest.mark.parametrize("key", KEYS)
def test_one_with_an_axis_more(model, good, key):
    good[key] = good[key][None]  # would broadcast
    refused(model, good, f"{key} has shape")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.complex64, torch.int32, torch.uint8])
def test_one_of_another_dtype(model, good, key, dtype):
    good[key] = good[key].abs().to(dtype)
    refused(model, good, f"{key} is {dtype}, expected")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("key", [key for key in KEYS if "num_batches" not in key])
def test_one_value_that_is_not_finite(model, good, key, value):
    good[key].view(-1)[-1] = value
    refused(model, good, f"{key} has values that are not finite")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_one_half_precision_value_that_is_not_finite(model, good, dtype):
    half = good["output.bias"].to(dtype)
    half[0] = float("inf")
    refused(model, {**good, "output.bias": half}, "output.bias has values that are not finite")


def test_one_too_many(model, good):
    refused(model, {**good, "extra.weight": torch.zeros(1)}, r"too many: extra\.weight")


def test_a_count_in_half_precision(model, good):
    count = "layers.1.num_batches_tracked"
    refused(model, {**good, count: good[count].half()}, f"{count} is torch.float16")


def test_another_architecture(model):
    refused(model, weights(create_model("lenet5")), "missing layers.*too many: c1.bias")


def test_nothing_at_all(model):
    refused(model, {}, "missing")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_cast_up(model, good, dtype):
    half = {k: v.to(dtype) if v.is_floating_point() else v for k, v in good.items()}
    load_into(model, half, "mlp.test")
    assert same(weights(model), {k: v.to(good[k].dtype) for k, v in half.items()})
    assert model.output.weight.dtype == torch.float32


@pytest.mark.parametrize("dtype", [torch.float64, torch.complex64])
def test_a_file_of_another_dtype_is_refused_as_a_whole(tmp_path, dtype):
    model = create_model("lenet5")
    before = weights(model)
    data = save({k: v.to(dtype) for k, v in before.items()})
    card = plain_card("lenet5.wide", data)
    (tmp_path / card.file).write_bytes(data)
    card.save(tmp_path)
    with pytest.raises(BadFile, match="expected torch.float32|nothing the zoo loads"):
        load_into(model, read_tensors(cards.card(tmp_path)), card.name)
    assert same(before, weights(model))

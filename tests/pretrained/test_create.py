"""zoo.create_model: names, tags, another number of classes, other input channels."""

import pytest
import torch

import zoo
from tests.helpers.small_weights import only_from, write_weights
from tests.helpers.toy import same, weights
from zoo.errors import BadFile, BadInput, UnknownName
from zoo.pretrained.adapt import adapt_channels
from zoo.pretrained.create import create_model, from_card
from zoo.pretrained.load import read_tensors
from zoo.registry import entry


@pytest.fixture(scope="module")
def four_cards(tmp_path_factory):
    """Weights of a convolutional network and of three that begin with a linear layer."""
    folder = tmp_path_factory.mktemp("four")
    for arch in ("lenet5", "lenet5_1998", "logistic_regression", "mlp"):
        write_weights(folder, arch)
    write_weights(folder, "lenet5", "rgb", seed=5, in_chans=3)
    return folder


@pytest.fixture
def shelf(four_cards, monkeypatch):
    """``four_cards`` is where weights are found."""
    only_from(four_cards, monkeypatch)
    return four_cards


ARCHS = ("lenet5", "lenet5_1998", "logistic_regression", "mlp")


def pictures(arch, count=3):
    """Noise in the shape that an architecture takes."""
    return torch.randn(count, *entry(arch).input_shape, generator=torch.Generator().manual_seed(2))


def test_fresh_weights_by_architecture():
    torch.manual_seed(0)
    one = create_model("lenet5")
    torch.manual_seed(0)
    assert same(weights(one), weights(create_model("lenet5")))
    assert not same(weights(one), weights(create_model("lenet5")))


@pytest.mark.parametrize("arch", ARCHS)
def test_weights_by_name_and_tag(shelf, arch):
    stored = read_tensors(zoo.card(f"{arch}.tiny"))
    assert same(weights(create_model(f"{arch}.tiny")), stored)
    assert same(weights(create_model(arch, pretrained="tiny")), stored)
    assert same(weights(create_model(f"{arch}.tiny", pretrained=True)), stored)


def test_pretrained_true_takes_the_first_weights(shelf):
    assert zoo.list_weights("lenet5.*") == ["lenet5.rgb", "lenet5.tiny"]
    assert same(weights(create_model("mlp", pretrained=True)), read_tensors(zoo.card("mlp.tiny")))
    assert create_model("lenet5", pretrained=True).c1.in_channels == 3


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("classes", [3, 11])
def test_another_number_of_classes_changes_the_head_only(shelf, arch, classes):
    stored = read_tensors(zoo.card(f"{arch}.tiny"))
    model = create_model(f"{arch}.tiny", num_classes=classes).eval()
    assert model(pictures(arch)).shape == (3, classes)
    head = entry(arch).head
    for key, value in model.state_dict().items():
        if head and key.startswith(f"{head}."):
            assert len(value) == classes
        else:
            assert torch.equal(value, stored[key]), key


@pytest.mark.parametrize("arch", ARCHS)
def test_the_same_number_of_classes_keeps_the_head(shelf, arch):
    stored = read_tensors(zoo.card(f"{arch}.tiny"))
    assert same(weights(create_model(f"{arch}.tiny", num_classes=10)), stored)


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("channels", [2, 3, 5])
def test_a_grey_picture_in_several_channels_gives_what_it_gave_in_one(shelf, arch, channels):
    one = create_model(f"{arch}.tiny").eval()
    several = create_model(f"{arch}.tiny", in_chans=channels).eval()
    x = pictures(arch)
    with torch.no_grad():
        got, expected = several(x.repeat(1, channels, 1, 1)), one(x)
    assert expected.abs().max() > 0.01
    assert torch.allclose(got, expected, atol=1e-5, rtol=1e-5)


def test_one_channel_sums_the_kernels_of_three(shelf):
    stored = read_tensors(zoo.card("lenet5.rgb"))
    model = create_model("lenet5.rgb", in_chans=1)
    assert torch.equal(model.c1.weight, stored["c1.weight"].sum(1, keepdim=True))
    assert torch.equal(model.c3.weight, stored["c3.weight"])
    x = pictures("lenet5")
    with torch.no_grad():
        three = create_model("lenet5.rgb")(x.repeat(1, 3, 1, 1))
        assert torch.allclose(model(x), three, atol=1e-5)


@pytest.mark.parametrize("arch", ARCHS)
def test_classes_and_channels_together(shelf, arch):
    stored, about = read_tensors(zoo.card(f"{arch}.tiny")), entry(arch)
    model = create_model(f"{arch}.tiny", num_classes=4, in_chans=3).eval()
    x = torch.randn(2, 3, *about.input_shape[1:])
    assert model(x).shape == (2, 4)
    for key, value in model.state_dict().items():
        if key != about.stem and not (about.head and key.startswith(f"{about.head}.")):
            assert torch.equal(value, stored[key]), key
    if arch != "logistic_regression":  # there the stem is the head
        alone = create_model(f"{arch}.tiny", in_chans=3).state_dict()[about.stem]
        assert torch.equal(model.state_dict()[about.stem], alone)


def test_the_model_is_independent_of_the_next_one(shelf):
    one, two = create_model("lenet5.tiny"), create_model("lenet5.tiny")
    with torch.no_grad():
        one.output.bias.add_(1)
    assert not torch.equal(one.output.bias, two.output.bias)


# ---- adapt_channels -----------------------------------------------------------------------------


def test_kernels_are_repeated_and_scaled():
    weight = torch.tensor([1.0, 2.0]).view(1, 2, 1, 1)
    wide = adapt_channels(weight, 2, 5, (1, 5, 1, 1))
    assert wide.flatten().tolist() == pytest.approx([0.4, 0.8, 0.4, 0.8, 0.4])
    assert adapt_channels(weight, 2, 4, (1, 4, 1, 1)).sum() == weight.sum()


def test_kernels_are_summed_to_one():
    weight = torch.arange(12.0).view(2, 3, 2, 1)
    narrow = adapt_channels(weight, 3, 1, (2, 1, 2, 1))
    assert narrow.flatten().tolist() == [6.0, 9.0, 24.0, 27.0]


def test_a_linear_layer_over_pixels_is_repeated_channel_after_channel():
    weight = torch.tensor([[1.0, 2.0, 3.0, 4.0]])  # one channel of 2x2
    wide = adapt_channels(weight, 1, 2, (1, 8))
    assert wide.tolist() == [[0.5, 1.0, 1.5, 2.0, 0.5, 1.0, 1.5, 2.0]]
    assert adapt_channels(wide, 2, 1, (1, 4)).tolist() == weight.tolist()


@pytest.mark.parametrize(
    ("have", "want", "shape"),
    [
        (1, 3, (6, 3, 3, 3)),  # another kernel
        (1, 3, (7, 3, 5, 5)),  # other outputs
        (1, 2, (6, 3, 5, 5)),  # not what was asked for
        (4, 8, (6, 2, 5, 5)),  # the card is wrong
    ],
)
def test_more_than_the_channels_cannot_change(have, want, shape):
    with pytest.raises(BadInput, match="cannot become"):
        adapt_channels(torch.ones(6, 1, 5, 5), have, want, shape)


# ---- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("lenet", "lenet5"),
        ("lenet6", "lenet5"),
        ("LeNet5", "lenet5"),
        ("lenet5.tini", "lenet5.tiny"),
        ("lennet5.tiny", "lenet5.tiny"),
        ("logistic", "logistic_regression"),
    ],
)
def test_an_unknown_name_is_answered_with_the_near_ones(shelf, name, near):
    with pytest.raises(UnknownName, match=near):
        create_model(name)


def test_an_unknown_tag(shelf):
    with pytest.raises(UnknownName, match=r"no weights 'mlp.tinny'.*mlp\.tiny"):
        create_model("mlp", pretrained="tinny")


def test_an_unknown_architecture_is_said_to_be_that(shelf):
    with pytest.raises(UnknownName, match="no model 'resnt'"):
        create_model("resnt", pretrained=True)


def test_no_weights_at_all(monkeypatch, shelf):
    with pytest.raises(UnknownName, match="weights of shallow_net"):
        create_model("shallow_net", pretrained=True)


@pytest.mark.parametrize("name", ["lenet5", "lenet5.tiny"])
def test_an_unknown_argument(shelf, name):
    with pytest.raises(UnknownName, match="no argument of lenet5 'num_clases'.*num_classes"):
        create_model(name, num_clases=3)


@pytest.mark.parametrize(
    "arguments",
    [
        *({"num_classes": -3}, {"num_classes": -1}, {"in_chans": 0}, {"num_classes": "three"}),
        *({"num_classes": 2.5}, {"num_classes": 10**13}, {"in_chans": None}),
    ],
)
@pytest.mark.parametrize("name", ["lenet5", "lenet5.tiny"])
def test_an_argument_that_makes_no_sense(shelf, name, arguments):
    with pytest.raises(BadInput):
        create_model(name, **arguments)


def test_a_choice_that_does_not_exist():
    with pytest.raises(BadInput, match="activation must be one of"):
        create_model("mlp", activation="gelu")


@pytest.mark.parametrize(
    "arguments",
    [
        {"image_size": 14},
        {"image_size": 56, "in_chans": 1},  # four times the pixels are not four channels
        {"image_size": 14, "in_chans": 4},  # the same number of weights
        {"hidden_sizes": (200,)},
        {"hidden_sizes": (300, 100)},
        {"hidden_sizes": (600,), "in_chans": 2},
    ],
)
def test_weights_do_not_fit_another_size(shelf, arguments):
    with pytest.raises((BadInput, BadFile), match="fit|cannot become"):
        create_model("mlp.tiny", **arguments)


def test_a_card_of_other_arguments_than_its_file(shelf):
    from dataclasses import replace

    card = zoo.card("lenet5.tiny")
    with pytest.raises(BadFile, match="do not fit"):
        from_card(replace(card, arch="lenet5_1998"))
    with pytest.raises((BadFile, BadInput)):
        from_card(replace(card, arguments={"in_chans": 3}))
    with pytest.raises((BadFile, BadInput)):
        from_card(replace(card, arguments={"in_chans": 3}), in_chans=1)
    with pytest.raises(UnknownName, match="no model"):
        from_card(replace(card, arch="os.system"))


def test_weights_by_their_whole_name(shelf):
    stored = read_tensors(zoo.card("lenet5.tiny"))
    assert same(weights(create_model("lenet5", pretrained="lenet5.tiny")), stored)
    with pytest.raises(BadInput, match="mlp.tiny are weights of mlp, not of lenet5"):
        create_model("lenet5", pretrained="mlp.tiny")


def test_an_architecture_without_weights_is_said():
    with pytest.raises(UnknownName, match="no weights of resnet1202; zoo list"):
        create_model("resnet1202", pretrained=True)


@pytest.mark.parametrize("indices", ["a", (), (9,), (0.5,), 2])
def test_stages_that_are_not_there_are_said(indices):
    with pytest.raises(BadInput, match="some of the 4 stages of this network, 0 to 3"):
        create_model("lenet5", features_only=True, out_indices=indices)


@pytest.mark.parametrize("name", ["yolov3_tiny_half", "localizer", "landmark", "tagger", "gru"])
def test_what_is_no_classifier_keeps_its_last_layer(name):
    for options in ({"num_classes": 0}, {"features_only": True}):
        with pytest.raises(BadInput, match=f"{name} is no"):
            zoo.create_model(name, **options)

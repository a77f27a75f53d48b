"""Engstrom's style network: count, parity with its graph in numpy, the two official networks."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from tests.helpers import style_graph
from tests.models import style_checks
from zoo.models.fast_style_tf import Transposed, fast_style_tf
from zoo.ops.same_padding import pad_same
from zoo.pretrained import fast_style_tf as variables
from zoo.pretrained.load import load_into

SIZES = [(32, 24), (29, 26), (31, 33), (8, 5)]


def loaded(table):
    """The network with these variables."""
    model = fast_style_tf().eval()
    tensors = {name: torch.from_numpy(array) for name, array in table.items()}
    load_into(model, variables.convert(tensors, model.state_dict()), "test")
    return model


def pixels(size, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3)).astype(np.float64)


def drawn(model, image):
    """What the network makes of pixels (H, W, 3) 0 to 255."""
    x = torch.from_numpy(image).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        made = model(x.to(next(model.parameters())))
    return 255 * made[0].permute(1, 2, 0).double().numpy()


def test_parameters():
    with torch.device("meta"):
        model = fast_style_tf()
    assert sum(p.numel() for p in model.parameters()) == 1_677_638
    assert sum(array.size for array in style_graph.variables().values()) == 1_677_638
    assert not [k for k, _ in model.named_parameters() if k.endswith("conv.bias")]


@pytest.mark.parametrize("size", SIZES)
def test_the_programs_graph_gives_the_same(size):
    """Random variables; sizes that 4 divides, and others, whose rest is cut off."""
    table, image = style_graph.variables(), pixels(size)
    expected = style_graph.picture(table, image)
    assert expected.shape[:2] == tuple(-(-side // 4) * 4 for side in size)
    expected = expected[: size[0], : size[1]]
    assert np.ptp(expected) > 100  # no grey, which would be right by chance
    model = loaded(table)
    assert np.abs(drawn(model.double(), image) - expected).max() <= 1e-10
    assert np.abs(drawn(model.float(), image) - expected).max() <= 1e-5 * 255


@pytest.mark.parametrize("style", ["scream", "wave"])
def test_the_official_networks_give_the_pictures_of_their_graph(style, zoo_data):
    file = zoo_data / "official" / f"fast_style_{style}.npz"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    model = fast_style_tf().eval()
    variables.load(model, file)
    with np.load(file) as table:
        table = {name: table[name] for name in table.files}
    with Image.open(zoo_data / "photos" / "content" / "chelsea.jpg") as photograph:
        image = np.asarray(photograph.convert("RGB").resize((83, 62)), dtype=np.float64)
    expected = style_graph.picture(table, image)[:62, :83]
    assert np.abs(drawn(model, image) - expected).max() <= 1e-3  # of 255, in float32
    assert np.abs(drawn(model.double(), image) - expected).max() <= 1e-9
    assert np.abs(expected - image).mean() > 20  # it is another picture


def test_transposed_is_the_gradient_of_the_convolution_it_undoes():
    """How TensorFlow defines it: of SAME, stride 2, from twice the size."""
    torch.manual_seed(0)
    layer, x = Transposed(3, 2).double(), torch.randn(1, 3, 4, 5).double()
    whole = torch.zeros(1, 2, 8, 10, requires_grad=True, dtype=torch.float64)
    F.conv2d(pad_same(whole, 3, 2), layer.conv.weight, stride=2).backward(x)
    assert torch.allclose(layer.conv(x)[:, :, :-1, :-1], whole.grad, atol=1e-12)


def test_initial_weights_are_cut_at_two_standard_deviations():
    torch.manual_seed(0)
    model = fast_style_tf()
    for name, parameter in model.named_parameters():
        if name.endswith("conv.weight"):
            assert parameter.abs().max() <= 0.2
            assert 0.08 < parameter.std() < 0.1


@pytest.mark.parametrize("check", style_checks.QUICK, ids=lambda check: check.__name__)
def test_what_every_style_network_must_do(check):
    check(fast_style_tf)


@pytest.mark.long
def test_export_and_compile():
    style_checks.check_export_and_compile(fast_style_tf)


def test_images_that_are_too_small_are_refused():
    with pytest.raises(ValueError, match="sides must be at least 5 pixels, got 9 x 4"):
        fast_style_tf()(torch.zeros(1, 3, 9, 4))

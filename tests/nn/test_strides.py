"""Strides of feature maps: those of the papers, and those that two sizes of an image show."""

import pytest
import torch
from torch import nn

from zoo import registry
from zoo.nn.feature_maps import FeatureMaps
from zoo.nn.strides import strides

IMAGENET = (2, 4, 8, 16, 32)
ON_PAPER = {
    "alexnet": (8, 16, 32),  # 27, 13, 6 of 224 pixels: sizes would say 8, 17, 37
    "alexnet_owt": (8, 16, 32),
    "lenet5": (2, 4, 0, 0),
    "lenet5_1998": (2, 4, 0, 0),
    "logistic_regression": (0,),
    "mlp": (0,),
    "shallow_net": (0,),
    "inception_v3": IMAGENET,
    "network_in_network": (2, 4, 4),
    "resnet20": (1, 2, 4),
    "resnet110": (1, 2, 4),
    "vgg_small": (1, 2, 4),
}
FIXED = ("lenet5", "lenet5_1998", "logistic_regression", "mlp", "shallow_net")  # one size only


def on_paper(name):
    with torch.device("meta"):
        return registry.build(name).eval()


@pytest.mark.parametrize("name", registry.list_models(task="classification"))
def test_a_larger_image_has_so_many_more_rows(name):
    if name == "resnet1202":
        pytest.skip("resnet110 with more of the same")
    model, shape = on_paper(name), registry.entry(name).input_shape
    found = FeatureMaps(model, shape, None).reductions
    if name in FIXED:
        assert found == ON_PAPER[name]
        return
    assert found == ON_PAPER.get(name, found)
    more = 64  # a multiple of every stride
    sizes = [
        [stage.shape[2] for stage in model.forward_stages(torch.zeros(1, *grown, device="meta"))]
        for grown in (shape, (shape[0], shape[1] + more, shape[2]))
    ]
    assert [more // (b - a) for a, b in zip(*sizes, strict=True)] == list(found)


def test_every_way_to_go_on_faster_is_seen():
    pool, mean, conv = nn.MaxPool2d(2), nn.AvgPool2d(3, stride=1), nn.Conv2d(2, 2, 3, stride=(3, 1))
    x = torch.zeros(1, 2, 60, 60)

    def run(x):
        pooled = pool(x)
        joined = torch.cat([conv(pooled), torch.relu_(pooled[:, :, 1:29:3, :-2] * 1)])
        return [x, pooled, mean(pooled), joined, joined.flatten(1), x[:, :, ::5], x[..., ::5] + 1]

    assert strides(run, x) == [1, 2, 2, 6, 0, 5, 1]


def test_what_does_not_come_from_the_image_has_none():
    assert strides(lambda x: [torch.ones(1, 1, 2, 2)], torch.zeros(1, 1, 8, 8)) == [0]

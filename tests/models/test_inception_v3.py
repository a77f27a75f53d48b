"""Inception v3: parity with torchvision, and what the release changed in the paper's network."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from tests.models import checks, torchvision_peer
from tests.models.torchvision_peer import assert_near, assert_same_state, pictures
from zoo.errors import BadInput
from zoo.losses.auxiliary import auxiliary_loss
from zoo.models.inception_v3 import AuxiliaryV3, Module35, inception_v3

QUICK = [check for check in checks.ALL if check is not checks.check_export_and_compile]
CLASSES = 7


def pair(auxiliary=False, **options):
    """Theirs with random weights, ours with the same."""
    options |= {"init_weights": False, "aux_logits": auxiliary, "num_classes": CLASSES}
    return torchvision_peer.pair(
        partial(torchvision.models.inception_v3, weights=None, **options),
        partial(inception_v3, CLASSES, auxiliary=auxiliary),
    )


@pytest.fixture(scope="module")
def blank():
    """The network's form alone."""
    with torch.device("meta"):
        return inception_v3(auxiliary=True)


@pytest.mark.parametrize(("auxiliary", "count"), [(False, 23_834_568), (True, 27_161_264)])
def test_parameters(auxiliary, count):
    with torch.device("meta"):
        model = inception_v3(auxiliary=auxiliary)
    assert sum(p.numel() for p in model.parameters()) == count
    if auxiliary:
        meta = torchvision.models.Inception_V3_Weights.IMAGENET1K_V1.meta
        assert meta["num_params"] == count


def test_shapes_of_table_1(blank):
    """Sides and maps from the input of the first layer to that of the last."""
    seen = {}
    hooks = [
        part.register_forward_hook(lambda m, i, o, name=name: seen.update({name: o.shape[1:]}))
        for name, part in blank.named_children()
        if name.startswith(("Conv2d", "Mixed"))
    ]
    with torch.device("meta"):
        outputs = blank.train()(torch.zeros(2, 3, 299, 299))
        stages = blank.forward_stages(torch.zeros(2, 3, 299, 299))
    for hook in hooks:
        hook.remove()
    expected = {
        "Conv2d_1a_3x3": (32, 149, 149),
        "Conv2d_2a_3x3": (32, 147, 147),
        "Conv2d_2b_3x3": (64, 147, 147),
        "Conv2d_3b_1x1": (80, 73, 73),
        "Conv2d_4a_3x3": (192, 71, 71),
        "Mixed_5b": (256, 35, 35),
        **dict.fromkeys(("Mixed_5c", "Mixed_5d"), (288, 35, 35)),
        **dict.fromkeys((f"Mixed_6{x}" for x in "abcde"), (768, 17, 17)),
        "Mixed_7a": (1280, 8, 8),
        **dict.fromkeys(("Mixed_7b", "Mixed_7c"), (2048, 8, 8)),
    }
    assert {name: tuple(shape) for name, shape in seen.items()} == expected
    assert [tuple(x.shape[1:]) for x in stages] == [
        (64, 147, 147), (192, 71, 71), (288, 35, 35), (768, 17, 17), (2048, 8, 8)
    ]  # fmt: skip
    assert [tuple(logits.shape) for logits in outputs] == [(2, 1000), (2, 1000)]


@pytest.mark.parametrize("size", [75, 107])
@torch.no_grad()
def test_parity_in_eval_mode(size):
    """In float64, then in float32."""
    theirs, ours = pair()
    x = pictures(2, size)
    expected = theirs.eval()(x)
    assert_near(ours.eval()(x), expected)
    single = ours.float()(x.float())
    assert (single - expected).abs().max() <= 1e-5 * expected.abs().max()


@torch.no_grad()
def test_parity_in_training():
    """Same seed, same dropout; at 107 the last maps are 2x2."""
    theirs, ours = pair()
    x = pictures(3, 107)
    torch.manual_seed(3)
    expected = theirs.train()(x)
    torch.manual_seed(3)
    assert_near(ours.train()(x), expected)
    assert_same_state(ours, theirs)  # the running statistics have moved, alike


@torch.no_grad()
def test_parity_of_the_auxiliary_head_which_reads_the_last_maps_of_17():
    theirs, ours = torchvision_peer.pair(
        partial(torchvision.models.inception.InceptionAux, 768, CLASSES),
        partial(AuxiliaryV3, CLASSES),
    )
    maps = torch.randn(3, 768, 17, 17, generator=torch.Generator().manual_seed(1)).double()
    assert_near(ours.train()(maps), theirs.train()(maps))
    assert_same_state(ours, theirs)
    assert_near(ours.eval()(maps), theirs.eval()(maps))
    read, given = [], []
    with torch.device("meta"):
        model = inception_v3(CLASSES, auxiliary=True).train()
    model.AuxLogits.register_forward_pre_hook(lambda m, i: read.append(i[0]))
    model.Mixed_6e.register_forward_hook(lambda m, i, o: given.append(o))
    logits, auxiliary = model(torch.zeros(2, 3, 299, 299, device="meta"))
    assert read[0] is given[0]
    assert logits.shape == auxiliary.shape == (2, CLASSES)


@pytest.mark.long
@torch.no_grad()
def test_parity_in_training_with_the_auxiliary_head():
    """299 is the smallest size that the auxiliary head takes."""
    theirs, ours = pair(auxiliary=True)
    x = pictures(2, 299)
    torch.manual_seed(3)
    expected = theirs.train()(x)
    torch.manual_seed(3)
    logits, auxiliary = ours.train()(x)
    assert_near(logits, expected.logits)
    assert_near(auxiliary, expected.aux_logits)
    assert_same_state(ours, theirs)
    small = pictures(2, 75)
    assert_near(ours.eval()(small), theirs.eval()(small))


def test_the_auxiliary_head_refuses_small_maps_in_training_only():
    with torch.device("meta"):
        model = inception_v3(CLASSES, auxiliary=True).train()
    with pytest.raises(BadInput, match=r"17 x 17, got \(3, 3\): train on images of 299 x 299"):
        model(torch.zeros(2, 3, 75, 75, device="meta"))
    assert model.eval()(torch.zeros(1, 3, 75, 75, device="meta")).shape == (1, CLASSES)
    head = AuxiliaryV3(CLASSES).eval()
    assert head(torch.zeros(1, 768, 17, 17)).shape == (1, CLASSES)
    assert head(torch.zeros(1, 768, 23, 23)).shape == (1, CLASSES)  # more than 5x5 is averaged


def test_deviation_a_the_modules_of_35_keep_a_5x5(blank):
    for name in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
        assert getattr(blank, name).branch5x5_2.conv.kernel_size == (5, 5)
    kernels = [m.kernel_size for m in blank.modules() if isinstance(m, nn.Conv2d)]
    assert kernels.count((5, 5)) == 3 + 1  # and the auxiliary head's
    two_3x3 = 2 * 9 * 48 * 64 + 9 * 64 * (64 - 48)  # what Fig. 5 would have in its place
    assert two_3x3 < blank.Mixed_5b.branch5x5_2.conv.weight.numel() == 25 * 48 * 64


def test_deviation_b_between_the_first_pooling_and_the_first_module(blank):
    convs = [blank.Conv2d_3b_1x1.conv, blank.Conv2d_4a_3x3.conv]
    assert [conv.kernel_size for conv in convs] == [(1, 1), (3, 3)]
    assert [conv.stride for conv in convs] == [(1, 1), (1, 1)]
    assert [conv.out_channels for conv in convs] == [80, 192]


def test_deviation_c_four_modules_of_17_and_two_of_8(blank):
    kinds = [type(m).__name__ for name, m in blank.named_children() if name.startswith("Mixed")]
    assert kinds == [
        *["Module35"] * 3, "Reduction35", *["Module17"] * 4, "Reduction17", *["Module8"] * 2
    ]  # fmt: skip
    assert [getattr(blank, f"Mixed_6{x}").branch7x7_2.conv.out_channels for x in "bcde"] == [
        128, 160, 160, 192
    ]  # fmt: skip
    seven = blank.Mixed_6b
    assert [getattr(seven, f"branch7x7dbl_{n}").conv.kernel_size for n in range(1, 6)] == [
        (1, 1), (7, 1), (1, 7), (7, 1), (1, 7)
    ]  # fmt: skip


def test_deviation_d_averages_count_the_zeros_around_the_map():
    ones = torch.ones(1, 1, 5, 5)
    pool = Module35(4, 32).pool
    assert pool(ones)[0, 0, 0, 0].item() == pytest.approx(4 / 9)
    assert pool(ones)[0, 0, 2, 2].item() == pytest.approx(1)
    tensorflow = F.avg_pool2d(ones, 3, 1, 1, count_include_pad=False)
    assert tensorflow[0, 0, 0, 0].item() == 1


def test_deviation_e_dropout(blank):
    assert blank.dropout.p == 0.5
    with torch.device("meta"):
        assert inception_v3(3, dropout=0.2).dropout.p == 0.2


def test_deviation_f_initial_weights_stay_within_two_sigma_and_theirs_do_not():
    torch.manual_seed(0)
    ours = inception_v3(auxiliary=True)
    theirs = torchvision.models.inception_v3(weights=None, init_weights=True)
    stds = {"AuxLogits.conv1.conv": 0.01, "AuxLogits.fc": 0.001}
    beyond = 0
    for name, layer in ours.named_modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            std = stds.get(name, 0.1)
            assert 1.8 * std < layer.weight.abs().max().item() <= 2 * std * (1 + 1e-6), name
            beyond = max(beyond, theirs.get_submodule(name).weight.abs().max().item() / std)
    assert beyond > 4
    assert all(p.abs().max() == 0 for n, p in ours.named_parameters() if n.endswith(".bias"))


@torch.no_grad()
def test_deviation_g_the_front_end_does_what_transform_input_does():
    theirs, ours = pair(transform_input=True)
    raw = pictures(2, 75).sigmoid()  # in [0, 1]
    mean = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).view(3, 1, 1)
    assert_near(ours.eval()((raw - 0.5) / 0.5), theirs.eval()((raw - mean) / std))


def test_reset_classifier_resets_the_auxiliary_head():
    model = inception_v3(CLASSES, auxiliary=True)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    model.reset_classifier(CLASSES)
    changed = {k for k, v in model.state_dict().items() if not torch.equal(v, before[k])}
    assert changed == {"fc.weight", "AuxLogits.fc.weight"}
    model.reset_classifier(3)
    assert model.AuxLogits.fc.out_features == model.fc.out_features == 3


@pytest.mark.parametrize("check", QUICK, ids=lambda check: check.__name__)
def test_what_every_model_must_do(check):
    check("inception_v3", size=107 if check is checks.check_gradients else 75, num_classes=10)


@pytest.mark.parametrize("check", [checks.check_classifier, checks.check_blocks])
def test_what_every_model_must_do_with_the_auxiliary_head(check):
    check("inception_v3", size=75, num_classes=10, auxiliary=True)


@pytest.mark.long
def test_gradients_reach_the_auxiliary_head():
    checks.check_gradients("inception_v3", num_classes=10, auxiliary=True)


@pytest.mark.long
def test_export_and_compile():
    checks.check_export_and_compile("inception_v3", size=75, num_classes=10)


@pytest.mark.long
def test_one_batch_is_learned_by_heart():
    checks.check_overfits(
        "inception_v3", auxiliary_loss, lr=1e-3, steps=60, size=107, num_classes=10, dropout=0.0
    )

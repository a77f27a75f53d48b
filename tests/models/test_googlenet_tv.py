"""GoogLeNet in torchvision's form: parity with torchvision, and what it changed in the paper's."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from tests.models import checks, torchvision_peer
from tests.models.torchvision_peer import assert_near, assert_same_state, pictures
from zoo.losses.auxiliary import auxiliary_loss
from zoo.models.googlenet import Auxiliary, googlenet
from zoo.models.googlenet_tv import AuxiliaryTV, googlenet_tv

QUICK = [check for check in checks.ALL if check is not checks.check_export_and_compile]
CLASSES = 7


def pair(auxiliary=False, classes=CLASSES, **options):
    """Theirs with random weights, ours with the same."""
    options |= {"init_weights": False, "aux_logits": auxiliary, "num_classes": classes}
    return torchvision_peer.pair(
        partial(torchvision.models.googlenet, weights=None, **options),
        partial(googlenet_tv, classes, auxiliary=auxiliary),
    )


@pytest.mark.parametrize(("auxiliary", "count"), [(False, 6_624_904), (True, 13_004_888)])
def test_parameters(auxiliary, count):
    with torch.device("meta"):
        model = googlenet_tv(auxiliary=auxiliary)
    assert sum(p.numel() for p in model.parameters()) == count


def test_parameters_are_those_of_the_weights_card_of_torchvision():
    meta = torchvision.models.GoogLeNet_Weights.IMAGENET1K_V1.meta
    assert meta["num_params"] == 6_624_904


@pytest.mark.parametrize("size", [32, 75])
@torch.no_grad()
def test_parity_in_eval_mode(size):
    """In float64, then in float32."""
    theirs, ours = pair()
    x = pictures(2, size)
    expected = theirs.eval()(x)
    assert_near(ours.eval()(x), expected)
    single = ours.float()(x.float())
    assert (single - expected).abs().max() <= 1e-5 * expected.abs().max()


@pytest.mark.parametrize("size", [64, 112])
@torch.no_grad()
def test_parity_in_training_with_auxiliary_heads(size):
    """Same seed: the dropout of 0.7, 0.7 and 0.2 falls on the same units."""
    theirs, ours = pair(auxiliary=True)
    x = pictures(2, size)
    torch.manual_seed(3)
    expected = theirs.train()(x)
    torch.manual_seed(3)
    logits, of_4a, of_4d = ours.train()(x)
    assert_near(logits, expected.logits)
    assert_near(of_4a, expected.aux_logits1)
    assert_near(of_4d, expected.aux_logits2)
    assert_same_state(ours, theirs)  # the running statistics have moved, alike
    assert_near(ours.eval()(x), theirs.eval()(x))


def test_parity_of_gradients():
    theirs, ours = pair(auxiliary=True)
    x, labels = pictures(3, 64), torch.tensor([0, 1, 2])
    torch.manual_seed(3)
    out = theirs.train()(x)
    parts = [F.cross_entropy(head, labels) for head in (out.logits, out[1], out[2])]
    (parts[0] + 0.3 * (parts[1] + parts[2])).backward()
    torch.manual_seed(3)
    auxiliary_loss(ours.train()(x), labels).backward()
    peer = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        difference = (parameter.grad - peer[name].grad).abs().max()
        assert difference <= 1e-9 * max(1.0, peer[name].grad.abs().max().item()), name


def test_deviation_a_three_by_three_for_five_by_five():
    with torch.device("meta"):
        ours, papers = googlenet_tv(), googlenet()
    assert ours.inception3a.branch3[1].conv.weight.shape == (32, 16, 3, 3)
    assert papers.inception3a.branch3[1][0].weight.shape == (32, 16, 5, 5)
    assert {m.kernel_size for m in ours.modules() if isinstance(m, nn.Conv2d)} == {
        (1, 1), (3, 3), (7, 7)
    }  # fmt: skip


def test_deviation_b_batch_norm_and_no_response_norm():
    with torch.device("meta"):
        ours = googlenet_tv(auxiliary=True)
    norms = [m for m in ours.modules() if isinstance(m, nn.BatchNorm2d)]
    convs = [m for m in ours.modules() if isinstance(m, nn.Conv2d)]
    assert len(norms) == len(convs) == 3 + 6 * 9 + 2
    assert {norm.eps for norm in norms} == {1e-3}
    assert all(conv.bias is None for conv in convs)
    assert not [m for m in ours.modules() if "ResponseNorm" in type(m).__name__]


def test_deviation_c_the_last_pooling_is_two_by_two():
    with torch.device("meta"):
        ours, papers = googlenet_tv(), googlenet()
    x = pictures(1, 14)
    assert ours.pool4(x).shape == papers.pool(x).shape == (1, 3, 7, 7)
    assert torch.equal(ours.pool4(x)[0, 0, 0, 0], x[0, 0, :2, :2].max())
    assert torch.equal(papers.pool(x)[0, 0, 0, 0], x[0, 0, :3, :3].max())
    assert not torch.equal(ours.pool4(x), papers.pool(x))


def test_deviation_d_dropout():
    with torch.device("meta"):
        ours, papers = googlenet_tv(auxiliary=True), googlenet(auxiliary=True)
    assert (ours.dropout.p, papers.dropout.p) == (0.2, 0.4)
    assert ours.aux1.dropout.p == papers.aux1.dropout.p == 0.7


@torch.no_grad()
def test_deviation_e_the_grid_of_the_auxiliary_heads():
    ours, papers = AuxiliaryTV(8, 5).double().eval(), Auxiliary(8, 5).double().eval()
    papers.fc1, papers.fc2 = ours.fc1, ours.fc2
    papers.conv[0].weight.copy_(ours.conv.conv.weight / (1 + 1e-3) ** 0.5)  # a fresh batch norm
    papers.conv[0].bias.zero_()
    x = pictures(2, 14).repeat(1, 3, 1, 1)[:, :8]
    assert (ours(x) - papers(x)).abs().max() > 1e-3
    constant = torch.ones_like(x)  # on which any average is the same
    assert_near(ours(constant), papers(constant))


def test_deviation_g_our_loss_takes_what_theirs_chokes_on():
    theirs, ours = pair(auxiliary=True)
    x, labels = pictures(2, 32), torch.tensor([0, 1])
    with pytest.raises((TypeError, AttributeError)):
        F.cross_entropy(theirs.train()(x), labels)
    assert torch.isfinite(auxiliary_loss(ours.train()(x), labels))


def test_deviation_h_initial_weights_stay_within_two_sigma_and_theirs_do_not():
    torch.manual_seed(0)
    ours = googlenet_tv(auxiliary=True)
    theirs = torchvision.models.googlenet(weights=None, init_weights=True)
    largest = {}
    for name, model in (("ours", ours), ("theirs", theirs)):
        layers = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
        largest[name] = max(layer.weight.abs().max().item() for layer in layers)
        assert min(layer.weight.std().item() for layer in layers) > 0.008
    assert 0.0199 < largest["ours"] <= 0.02
    assert largest["theirs"] > 0.04
    assert all(p.abs().max() == 0 for n, p in ours.named_parameters() if n.endswith(".bias"))


@torch.no_grad()
def test_deviation_i_the_front_end_does_what_transform_input_does():
    theirs, ours = pair(transform_input=True)
    raw = pictures(2, 32).sigmoid()  # in [0, 1]
    mean = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).view(3, 1, 1)
    assert_near(ours.eval()((raw - 0.5) / 0.5), theirs.eval()((raw - mean) / std))


def test_reset_classifier_resets_the_auxiliary_heads():
    model = googlenet_tv(CLASSES, auxiliary=True)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    model.reset_classifier(CLASSES)
    changed = {k for k, v in model.state_dict().items() if not torch.equal(v, before[k])}
    assert changed == {"fc.weight", "aux1.fc2.weight", "aux2.fc2.weight"}
    model.reset_classifier(3)
    assert [x.shape for x in model.train()(torch.randn(2, 3, 32, 32))] == [(2, 3)] * 3


@pytest.mark.parametrize("check", QUICK, ids=lambda check: check.__name__)
def test_what_every_model_must_do(check):
    check("googlenet_tv", size=32, num_classes=10)


@pytest.mark.parametrize(
    "check", [checks.check_gradients, checks.check_classifier, checks.check_blocks]
)
def test_what_every_model_must_do_with_auxiliary_heads(check):
    check("googlenet_tv", size=32, num_classes=10, auxiliary=True)


@pytest.mark.long
def test_export_and_compile():
    checks.check_export_and_compile("googlenet_tv", size=32, num_classes=10)


def test_one_batch_is_learned_by_heart():
    few = {"dropout": 0.0, "num_classes": 8}
    checks.check_overfits("googlenet_tv", lr=1e-3, steps=15, size=32, training=True, **few)

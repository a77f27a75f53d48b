import torch
from torch import nn

from tests.viz.layers.small import Reused, image, same, state
from zoo import registry
from zoo.viz.layers.places import layers
from zoo.viz.layers.still import still
from zoo.viz.layers.walk import map_at, scores_from


def test_a_map_is_what_stood_there_before_the_network_changed_it():
    x = image()
    plain, inplace = Reused(False).eval(), Reused(True).eval()
    assert torch.equal(plain(x), inplace(x))
    for name in ("conv1", "conv2", "relu"):
        maps = [map_at(m, x, layers(m, m, x).find(name).call) for m in (plain, inplace)]
        assert torch.equal(*maps), name
    assert torch.equal(map_at(plain, x, layers(plain, plain, x).find("conv2").call),
                       plain.conv2(plain.relu(plain.bn1(plain.conv1(x)))))  # fmt: skip


def test_the_gradient_at_a_map_is_the_same_with_relus_in_place():
    x, found = image(), []
    for inplace in (False, True):
        model = Reused(inplace).eval()
        call = layers(model, model, x).find("conv1").call
        with still(model):
            maps, scores = scores_from(model, x, call)
            found.append((maps, *torch.autograd.grad(scores[0, 1], maps), scores))
    for one, other in zip(*found, strict=True):
        assert torch.equal(one, other)
    model = Reused(False).eval()
    map = model.relu(model.bn1(model.conv1(x))).detach().requires_grad_()
    score = model.fc(torch.relu(model.conv2(map) + map).mean((2, 3)))[0, 1]
    assert torch.allclose(torch.autograd.grad(score, map)[0], found[0][1], atol=1e-7)


def test_nothing_behind_the_map_is_computed_and_nothing_before_it_is_kept():
    ran = []
    model = nn.Sequential(*(nn.Sequential(nn.Conv2d(2, 2, 3), nn.ReLU(True)) for _ in range(4)))
    head = nn.Sequential(model, nn.Flatten(), nn.Linear(32, 2)).eval()
    call = layers(head, head, image()).find("0.1.0").call
    for number, part in enumerate(model):
        part.register_forward_pre_hook(lambda *_, number=number: ran.append(number))
    map_at(head, image(), call)
    assert ran == [0, 1]
    saved = []
    with still(head), torch.autograd.graph.saved_tensors_hooks(saved.append, lambda x: x):
        maps, scores = scores_from(head, image(), call)
    assert maps.is_leaf
    assert scores.requires_grad
    sizes = {tuple(x.shape) for x in saved if x is not None and x.dim() == 4 and len(x) == 1}
    assert (1, 2, 10, 10) not in sizes  # of the first convolution
    assert (1, 2, 6, 6) in sizes


def test_the_network_is_as_it_was():
    x = image()
    model = Reused(True).train()
    model.bn1.eval()
    model.conv1.weight.requires_grad_(False)
    before, out = state(model), None
    with torch.no_grad():
        out = model(x)
    call = layers(model, model, x).find("conv2").call
    with still(model):
        map_at(model, x, call)
        scores_from(model, x, call)
    assert torch.is_grad_enabled()
    assert same(before, state(model))
    assert torch.equal(model(x), out)


def kept(look):
    """Bytes that autograd keeps while ``look`` runs, weights aside."""
    sizes = {}

    def keep(x):
        if not x.is_leaf or x.grad_fn is not None or not isinstance(x, nn.Parameter):
            sizes[x.data_ptr()] = x.numel() * x.element_size()
        return x

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x):
        look()
    return sum(sizes.values())


def test_a_deep_network_keeps_little_for_one_layer():
    """ResNet-110: all of its maps would be 20 MB an image."""
    model = registry.build("resnet110").eval()
    x = torch.randn(1, 3, 32, 32)
    found = layers(model, model, x)
    whole = kept(lambda: model(x.clone().requires_grad_()))
    with still(model):
        late = kept(lambda: scores_from(model, x, found.find("layer3.16").call))
        early = kept(lambda: map_at(model, x.clone().requires_grad_(), found.find("conv1").call))
    assert late < whole / 20
    assert early < whole / 20

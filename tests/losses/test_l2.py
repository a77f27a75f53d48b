import torch

from zoo.losses.l2 import l2_penalty


def test_equals_weight_decay_of_lambda_over_m():
    """Notes: L2 is weight decay. One step of SGD on either gives the same weights."""
    torch.manual_seed(0)
    plain = torch.nn.Linear(5, 3, bias=True)
    penalised = torch.nn.Linear(5, 3, bias=True)
    penalised.load_state_dict(plain.state_dict())
    x, strength, m = torch.randn(7, 5), 2.0, 50
    decayed = torch.optim.SGD(
        [{"params": [plain.weight], "weight_decay": strength / m}, {"params": [plain.bias]}], lr=0.1
    )
    plain(x).square().mean().backward()
    decayed.step()
    optimizer = torch.optim.SGD(penalised.parameters(), lr=0.1)
    (penalised(x).square().mean() + l2_penalty(penalised, strength, m)).backward()
    optimizer.step()
    assert torch.allclose(plain.weight, penalised.weight, atol=1e-7)
    assert torch.allclose(plain.bias, penalised.bias, atol=1e-7)


def test_value():
    layer = torch.nn.Linear(2, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[3.0, 4.0]]))
        layer.bias.fill_(100.0)
    assert l2_penalty(layer, 0.8, 10).item() == torch.tensor(0.8 / 20 * 25).item()

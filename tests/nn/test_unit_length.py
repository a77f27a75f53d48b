"""Vectors of length 1 and squared distances, against the plain formulas."""

import torch

from zoo.nn.unit_length import squared_distances, unit_length


def vectors(count, size=7, seed=0):
    return torch.randn(count, size, generator=torch.Generator().manual_seed(seed)).double()


def test_length_is_one_and_the_direction_stays():
    x = vectors(5)
    expected = x / x.norm(dim=1, keepdim=True)
    assert torch.allclose(unit_length(x), expected, atol=1e-12, rtol=0)


def test_a_vector_of_zeros_stays_one_with_a_finite_gradient():
    x = torch.zeros(2, 3, requires_grad=True)
    made = unit_length(x)
    assert made.abs().max() == 0
    (made * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert torch.isfinite(x.grad).all()


def test_distances_are_the_pairwise_formula():
    a, b = vectors(4), vectors(3, seed=1)
    expected = torch.stack([torch.stack([(x - y).square().sum() for y in b]) for x in a])
    assert torch.allclose(squared_distances(a, b), expected, atol=1e-12, rtol=0)
    assert squared_distances(a, b[:0]).shape == (4, 0)
    on_sphere = unit_length(a), unit_length(b)
    cosines = on_sphere[0] @ on_sphere[1].T  # d^2 = 2 - 2 cos
    assert torch.allclose(squared_distances(*on_sphere), 2 - 2 * cosines, atol=1e-10)


def test_where_two_vectors_meet_the_distance_is_0_and_its_gradient_too():
    a = unit_length(vectors(6, 128)).float().requires_grad_()
    apart = squared_distances(a, a)
    assert 0 <= apart.diagonal().min() <= apart.diagonal().max() < 1e-6
    apart.diagonal().sum().backward()
    assert a.grad.abs().max() < 1e-5


def test_gradients_are_those_of_finite_differences():
    a, b = vectors(3, 4).requires_grad_(), vectors(2, 4, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(lambda x, y: squared_distances(unit_length(x), y), (a, b))

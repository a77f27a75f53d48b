import pytest
import torch
from torch import nn

from zoo.errors import BadInput
from zoo.nn.scored_form import best_of, of_classes, of_outputs, plain


def test_scores_by_name_and_by_number():
    form = of_classes(nn.Flatten(), ["7", "1", "cat"])
    assert form.number_of("7") == 0  # a name before a number
    assert form.number_of("2") == form.number_of(2) == form.number_of("cat") == 2
    assert (
        form.text(torch.tensor([0.0, 0.0, torch.inf]).nan_to_num(posinf=50), 2) == "cat (100.0 %)"
    )
    for wrong in ("dog", "3", -1, 3):
        with pytest.raises(BadInput, match="target must be one of 7, 1, cat, got"):
            form.number_of(wrong)
    free = of_outputs(nn.Flatten())
    assert free.number_of("12") == 12
    assert free.text(torch.tensor([1.0, 2.5]), 1) == "output 1 (2.5)"


def test_maps_become_their_means_and_anything_else_is_refused():
    x = torch.rand(2, 3, 4, 5)
    assert torch.equal(plain(nn.Identity())(x), x.mean((2, 3)))
    assert plain(nn.Flatten())(x).shape == (2, 60)
    for model in (lambda x: [x], lambda x: x.flatten()):
        with pytest.raises(BadInput, match="gives scores"):
            plain(model)(x)


def test_the_best_score_of_each_class_in_each_image():
    scores = torch.tensor([[0.1, 0.9], [0.4, 0.2], [0.3, 0.3]], requires_grad=True)
    best = best_of(scores, [2, 0, 1])
    assert best.tolist() == [pytest.approx([0.4, 0.9]), [0, 0], pytest.approx([0.3, 0.3])]
    best[0].sum().backward()
    assert scores.grad.tolist() == [[0, 1], [1, 0], [0, 0]]

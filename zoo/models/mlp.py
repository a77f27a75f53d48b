"""Fully connected networks of any depth, and the notes' shallow one.

Source: notes, course 1, weeks 3-4, and course 2, weeks 1 and 3 (initialisation, inverted dropout,
batch norm). The 300-unit network of LeCun et al. 1998, sec. III.C.5, is
``mlp(hidden_sizes=(300,))``. Deviations: batch norm's running variance divides by m - 1 where the
notes divide by m. Proof: tests/models/test_mlp.py.
"""

from itertools import pairwise

from torch import Tensor, nn

from zoo.nn.init import initialise, new_head
from zoo.registry import register

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


class MLP(nn.Module):
    """a[l] = dropout(g(norm(W[l] a[l-1] + b[l]))), and logits from the last hidden layer.

    With batch norm, W has no bias: beta takes its place (notes: course 2, week 3). Inverted
    dropout divides by the probability of keeping a unit, so that testing needs no change.

    >>> import torch
    >>> MLP(hidden_sizes=(300, 100))(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self,
        num_classes: int = 10,
        in_chans: int = 1,
        image_size: int = 28,
        hidden_sizes: tuple[int, ...] = (300,),
        activation: str = "relu",
        init: str = "he",
        dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}")
        layers: list[nn.Module] = []
        for fan_in, units in pairwise((in_chans * image_size * image_size, *hidden_sizes)):
            layers.append(nn.Linear(fan_in, units, bias=not batch_norm))
            if batch_norm:
                layers.append(nn.BatchNorm1d(units))
            layers.append(ACTIVATIONS[activation]())
            if dropout:
                layers.append(nn.Dropout(dropout))
        self.layers = nn.Sequential(*layers)
        self.features = hidden_sizes[-1] if hidden_sizes else in_chans * image_size * image_size
        self.output: nn.Module = nn.Linear(self.features, num_classes)
        self.init = init
        initialise(self, init)

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, H, W) to each hidden layer (N, D), or to (N, C H W) if there is none."""
        stages = [x.flatten(1)]
        for hidden in self._hidden():
            stages.append(hidden(stages[-1]))
        return stages[1:] or stages

    def _hidden(self) -> list[nn.Module]:
        """One after the other: linear, batch norm, activation, dropout, as far as there are any."""
        starts = [i for i, layer in enumerate(self.layers) if isinstance(layer, nn.Linear)]
        return [self.layers[a:b] for a, b in pairwise([*starts, len(self.layers)])]

    def forward_features(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) to the last hidden layer (N, D)."""
        return self.forward_stages(x)[-1]

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Hidden layer to logits (N, K)."""
        return features if pre_logits else self.output(features)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, C, H, W) to logits (N, K)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The output layer."""
        return self.output

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""
        return self.features

    def reset_classifier(self, num_classes: int) -> None:
        """A new output layer."""
        self.output = new_head(self, self.features, num_classes, self.init)

    def blocks(self) -> list[nn.Module]:
        """Each hidden layer, then the output."""
        return [*self._hidden(), self.output]


@register(
    "mlp",
    paper="LeCun et al. 1998, Proc. IEEE 86(11), sec. III.C.5",
    input_shape=(1, 28, 28),
    stem="layers.0.weight",
    head="output",
)
def mlp(
    num_classes: int = 10,
    in_chans: int = 1,
    image_size: int = 28,
    hidden_sizes: tuple[int, ...] = (300,),
    activation: str = "relu",
    init: str = "he",
    dropout: float = 0.0,
    batch_norm: bool = False,
) -> MLP:
    """A fully connected network of any depth; by default 784-300-10, 238,510 parameters."""
    return MLP(
        num_classes, in_chans, image_size, hidden_sizes, activation, init, dropout, batch_norm
    )


@register(
    "shallow_net",
    paper="notes, course 1, week 3",
    input_shape=(1, 28, 28),
    stem="layers.0.weight",
    head="output",
)
def shallow_net(
    num_classes: int = 10, in_chans: int = 1, image_size: int = 28, hidden_size: int = 300
) -> MLP:
    """The notes' first network: one hidden layer of tanh units."""
    return MLP(num_classes, in_chans, image_size, (hidden_size,), activation="tanh", init="xavier")

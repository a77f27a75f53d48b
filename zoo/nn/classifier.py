"""The interface of every image classifier of the zoo.

Proof: tests/models/checks.py holds each model to it.
"""

from typing import Any, Protocol, runtime_checkable

from torch import Tensor, nn


@runtime_checkable
class Classifier(Protocol):
    """An ``nn.Module`` that gives logits, and can be taken apart between its stages."""

    def forward(self, x: Tensor) -> Any:
        """Images (N, C, H, W) to logits (N, K).

        A network with auxiliary heads gives, in training mode only, a tuple: the logits, then
        those of each auxiliary head (``zoo.losses.auxiliary`` makes one loss of them).
        """

    def forward_stages(self, x: Tensor) -> list[Tensor]:
        """The features after each stage, from the finest to the coarsest."""

    def forward_features(self, x: Tensor) -> Tensor:
        """The features after the last stage: what ``forward_head`` takes."""

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Features to logits (N, K), or to what enters the last layer (N, D)."""

    @property
    def num_features(self) -> int:
        """D: how many features enter the last layer."""

    def get_classifier(self) -> nn.Module:
        """The layer with one output per class."""

    def reset_classifier(self, num_classes: int) -> None:
        """A new last layer, and new auxiliary heads; 0 classes: none, logits are (N, D)."""

    def blocks(self) -> list[nn.Module]:
        """All parameters, parted from input to output: the units of gradual unfreezing.

        The last block is the head. Every parameter is in exactly one block.
        """

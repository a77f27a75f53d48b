"""A detector of one step as ``zoo export`` writes it: all boxes, of which none is selected yet.

Proof: tests/pretrained/test_onnx_boxes.py.
"""

from typing import Any

from torch import Tensor, nn

from zoo.errors import BadInput


class AllBoxes(nn.Module):
    """Images (N, 3, H, W) to all boxes (N, n, 4) and their scores (N, n, K).

    Raises:
        BadInput: for a network that proposes regions first: how many depends on the image.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        try:
            self.decode = model.decode
        except AttributeError:
            kind = type(model).__name__
            raise BadInput(f"zoo export writes detectors of one step (YOLO), not {kind}") from None
        self.train(model.training)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        boxes, scores = self.decode(images)
        return boxes, scores

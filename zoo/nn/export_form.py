"""What of a network is exported, and what its outputs are called. Read by zoo.pretrained.export."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zoo.ops.boxes.objects import joined_detections
from zoo.ops.boxes.yolo import Decoded, select


@dataclass(frozen=True)
class Selection:
    """Non-maximum suppression at the end of an ONNX file.

    Attributes:
        threshold: a score counts if it is higher.
        overlap: of two boxes of a class with a higher IoU, that with the lower score is left out.
        limit: most boxes of an image.
    """

    threshold: float
    overlap: float = 0.45
    limit: int = 100

    def of(self, boxes: Tensor, scores: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What an ONNX file gives, computed here.

        Args:
            boxes, scores: (N, n, 4) and (N, n, K).

        Returns:
            boxes (m, 4), labels (m,), scores (m,) and the number of the image (m,).
        """
        found = select(
            Decoded(boxes, scores),
            threshold=self.threshold,
            overlap=self.overlap,
            limit=self.limit,
        )
        counts = torch.tensor([one.size for one in found])
        images = torch.arange(len(found)).repeat_interleave(counts)
        flat = joined_detections(found)
        return flat.boxes, flat.labels, flat.scores, images


@dataclass(frozen=True)
class ExportForm:
    """What is exported.

    Attributes:
        network: one tensor in, one tensor or a tuple of them out.
        outputs: their names.
        selection: for a network whose outputs are boxes (N, n, 4) and scores (N, n, K).
    """

    network: nn.Module
    outputs: tuple[str, ...] = ("logits",)
    selection: Selection | None = None

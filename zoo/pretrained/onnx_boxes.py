"""The end of a detector's ONNX file: from all boxes of a batch to those that count.

A file has any number of boxes in any number of images, so they come flat, the best of each image
first: ``boxes`` (m, 4) x1 y1 x2 y2 in pixels of the input, ``labels`` (m,) int64, ``scores`` (m,),
and ``images`` (m,) int64, the number in the batch of the image that a box is in. Without objects
m is 0. The operators are ONNX's own: NonMaxSuppression and what sorts its answer.
Proof: tests/pretrained/test_onnx_boxes.py.
"""

from typing import Any

from zoo.nn.export_form import Selection

BOXES, LABELS, SCORES, IMAGES = OUTPUTS = "boxes", "labels", "scores", "images"
FORM = (
    "m boxes of the whole batch: boxes (m, 4) x1 y1 x2 y2 in pixels of the input, labels (m,), "
    "scores (m,), images (m,): the number in the batch of the image of each box; the best of each "
    "image first; m is 0 if nothing is found"
)
ALL = (
    "all boxes (N, n, 4) x1 y1 x2 y2 in pixels of the input, and their scores (N, n, K), of which "
    "those above the threshold count that non-maximum suppression in each class leaves"
)


def add_selection(proto: Any, candidates: tuple[str, str], selection: Selection) -> None:
    """Let a model end with the boxes that count, in place.

    Args:
        proto: an onnx.ModelProto.
        candidates: its outputs (N, n, 4) and (N, n, K), which become values inside.
    """
    graph = proto.graph
    boxes, scores = candidates
    tail = _Tail(graph)
    by_class = tail("Transpose", scores, perm=[0, 2, 1])  # (N, K, n)
    limit = tail.numbers([selection.limit])
    chosen = tail(
        "NonMaxSuppression", boxes, by_class, limit,
        tail.floats([selection.overlap]), tail.floats([selection.threshold]),
    )  # fmt: skip  # (m, 3): image, class, box
    rows = tail("Slice", tail("Shape", chosen), tail.numbers([0]), tail.numbers([1]))
    # sorted by image; within it by score; of equal scores by box, then by class, as in torch
    chosen = tail("Gather", chosen, tail.order(tail.column(chosen, 2), rows, largest=0))
    score = tail("GatherND", by_class, chosen)
    chosen = tail("Gather", chosen, tail.order(score, rows, largest=1))
    chosen = tail("Gather", chosen, tail.order(tail.column(chosen, 0), rows, largest=0))
    chosen = tail("Compress", chosen, tail.within_limit(chosen, boxes, limit), axis=0)
    tail("GatherND", boxes, tail.columns(chosen, [0, 2]), to=BOXES)
    tail.column(chosen, 1, to=LABELS)
    tail("GatherND", by_class, chosen, to=SCORES)
    tail.column(chosen, 0, to=IMAGES)
    tail.declare_outputs()


class _Tail:
    """Nodes that are added to a graph."""

    def __init__(self, graph: Any) -> None:
        self.graph, self.count = graph, 0

    def __call__(self, kind: str, *inputs: str, to: str = "", **attributes: Any) -> str:
        """Add a node; the name of its output."""
        return self.several(kind, [to or self._name()], *inputs, **attributes)[0]

    def several(self, kind: str, to: list[str], *inputs: str, **attributes: Any) -> list[str]:
        from onnx import helper

        self.graph.node.append(helper.make_node(kind, list(inputs), to, self._name(), **attributes))
        return to

    def numbers(self, values: list[int]) -> str:
        from onnx import TensorProto

        return self._constant(TensorProto.INT64, values)

    def floats(self, values: list[float]) -> str:
        from onnx import TensorProto

        return self._constant(TensorProto.FLOAT, values)

    def column(self, rows: str, which: int, to: str = "") -> str:
        return self("Squeeze", self.columns(rows, [which]), self.numbers([1]), to=to)

    def columns(self, rows: str, which: list[int]) -> str:
        return self("Gather", rows, self.numbers(which), axis=1)

    def order(self, values: str, rows: str, largest: int) -> str:
        """The indices that sort; of equals the first stays first."""
        return self.several("TopK", [self._name(), self._name()], values, rows, largest=largest)[1]

    def within_limit(self, chosen: str, boxes: str, limit: str) -> str:
        """Which rows are among the first of their image; rows are sorted by image."""
        image = self.column(chosen, 0)
        count = self("Slice", self("Shape", boxes), self.numbers([0]), self.numbers([1]))
        flags = self("OneHot", image, count, self.numbers([0, 1]), axis=0)  # (N, m)
        each = self("ReduceSum", flags, self.numbers([1]), keepdims=0)
        first = self("CumSum", each, self._scalar(0), exclusive=1)
        place = self("CumSum", self("ReduceSum", flags, self.numbers([0]), keepdims=0),
                     self._scalar(0), exclusive=1)  # fmt: skip  # 0, 1, 2 ...
        return self("Less", self("Sub", place, self("Gather", first, image)), limit)

    def declare_outputs(self) -> None:
        from onnx import TensorProto, helper

        kinds = {BOXES: TensorProto.FLOAT, SCORES: TensorProto.FLOAT}
        del self.graph.output[:]
        for name in OUTPUTS:
            shape: list[str | int | None] = ["m", 4] if name == BOXES else ["m"]
            kind = kinds.get(name, TensorProto.INT64)
            self.graph.output.append(helper.make_tensor_value_info(name, kind, shape))

    def _name(self) -> str:
        self.count += 1
        return f"selection_{self.count}"

    def _constant(self, kind: int, values: list[Any]) -> str:
        from onnx import helper

        name = self._name()
        self.graph.initializer.append(helper.make_tensor(name, kind, [len(values)], values))
        return name

    def _scalar(self, value: int) -> str:
        from onnx import TensorProto, helper

        name = self._name()
        self.graph.initializer.append(helper.make_tensor(name, TensorProto.INT64, [], [value]))
        return name

"""facenet-pytorch's published weights, converted to the zoo's ``facenet``.

The zoo's parameter names are facenet-pytorch's, so a state dict loads unchanged but for the layer
``logits``: the classes of the people that the network was trained on, which embeddings do not need.
A file older than batch norm's counters gets zeros for them, as torchvision's do.
Proof: tests/pretrained/test_facenet_pytorch.py.
"""

from torch import Tensor

from zoo.pretrained.torchvision import counters

CLASSES = "logits."


def convert(tensors: dict[str, Tensor], initial: dict[str, Tensor]) -> dict[str, Tensor]:
    """The ``tensors`` of a file without its classes, for a network whose state is ``initial``."""
    kept = {key: tensor for key, tensor in tensors.items() if not key.startswith(CLASSES)}
    return kept | counters(tensors, initial)

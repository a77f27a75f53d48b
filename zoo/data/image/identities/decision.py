"""From which dissimilarity on two images show two identities: what a card's ``decoder`` holds.

The threshold is chosen on dev when a network has been trained, with the error rates that it has
there; weights of others come without one.
Proof: tests/data/image/identities/test_decision.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zoo.errors import BadFile

USUAL = {  # of weights that come without a threshold, by the scale of their dissimilarity
    "squared L2": (1.1, "which FaceNet's paper gives (fig. 1)"),
    "-logit": (0.0, "a probability of one half"),
}


@dataclass(frozen=True)
class Decision:
    """How a network's dissimilarity becomes "the same" or not.

    Attributes:
        threshold: the greatest dissimilarity of two images that show the same.
        false_accept: of dev's pairs of two identities, how many percent were taken for the same;
            None where it was not measured.
        false_reject: of dev's pairs of one identity, how many percent were not.
        faces: the weights that find the face in a photo first, "mtcnn"; "" where images are taken
            as they are.
        source: where the threshold comes from, if it is not the card's.
    """

    threshold: float
    false_accept: float | None = None
    false_reject: float | None = None
    faces: str = ""
    source: str = ""

    def to_card(self) -> dict[str, Any]:
        """The ``decoder`` of a card."""
        record: dict[str, Any] = {"threshold": self.threshold}
        if self.false_accept is not None and self.false_reject is not None:
            record |= {"false_accept": self.false_accept, "false_reject": self.false_reject}
        return {**record, "faces": self.faces} if self.faces else record

    @classmethod
    def from_card(cls, record: Mapping[str, Any], scale: str, name: str) -> "Decision":
        """The reverse; of a record without a threshold it is the usual one of such networks.

        Args:
            scale: that of the network (zoo/nn/verifier.py).
            name: of the card, for messages.

        Raises:
            BadFile: if it is no such record.
        """
        known = ("threshold", "false_accept", "false_reject")
        numbers: dict[str, Any] = {key: v for key, v in record.items() if key in known}
        faces = record.get("faces", "")
        right = all(type(value) in (int, float) for value in numbers.values())
        if not right or not isinstance(faces, str) or {*record} - {*known, "faces"}:
            raise BadFile(f"the card {name} has a decoder that is not understood: {record!r:.80}")
        if "threshold" in numbers:
            return cls(**numbers, faces=faces)
        usual, source = USUAL[scale]
        return cls(usual, faces=faces, source=source)

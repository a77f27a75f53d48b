"""Write the cards of facenet-pytorch's published weights.

python scripts/write_facenet_cards.py [FOLDER]

Nothing is downloaded. Their author states no sha256. That of VGGFace2's file stands, with its size,
in the programs and pages of seven other authors, who download it; that of CASIA-WebFace's in those
of one. Both sizes are those of the network's numbers, and 192 bytes for each of its tensors.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import torch

from zoo import registry
from zoo.cards import Card
from zoo.data.image.preprocess import ImageFrontEnd

ADDRESS = "https://github.com/timesler/facenet-pytorch/releases/download/v2.2.9/"
FRONT_END = ImageFrontEnd((160, 160), (0.5,) * 3, (128 / 255,) * 3)  # (value - 127.5) / 128


class Published(NamedTuple):
    """What is known of a file."""

    tag: str
    file: str
    bytes: int
    sha256: str
    stated_by: str
    data: str
    people: int
    accuracy: float  # on LFW, as D. Sandberg's facenet states it


FILES = (
    Published(
        "casia_webface",
        "20180408-102900-casia-webface.pt",
        115_887_415,
        "7a67afdbbc995fce5e10128675e318799a70698c2f433ba75dd7eb9a2f096e7d",
        "the programs of one other author",
        "CASIA-WebFace",
        10_575,
        99.05,
    ),
    Published(
        "vggface2",
        "20180402-114759-vggface2.pt",
        111_898_327,
        "281cebca8662831adb987a874bdcb36e73f5b1c6dc5ee5878f305e985625d99b",
        "programs of seven other authors alike",
        "VGGFace2",
        8631,
        99.65,
    ),
)


def card(known: Published) -> Card:
    """The card of one file."""
    with torch.device("meta"):
        model = registry.build("facenet")
    return Card(
        name=f"facenet.{known.tag}",
        arch="facenet",
        arguments={},
        task="verification",
        front_end=FRONT_END.to_card(),
        classes=[],
        parameters=sum(p.numel() for p in model.parameters()),
        file=known.file,
        bytes=known.bytes,
        sha256=known.sha256,
        data=known.data,
        data_licence="collected from the web for research; each photograph has its own licence",
        weights_licence="none stated for the weights; facenet-pytorch is MIT, as is D. Sandberg's "
        "facenet, from which they were ported",
        recipe="https://github.com/davidsandberg/facenet/wiki/Classifier-training-of-inception-"
        "resnet-v1",
        settings={},
        seeds=[],
        seconds=0.0,
        device="not stated",
        metric="accuracy_lfw",
        measured=[known.accuracy],
        shipped=known.accuracy,
        paper=99.63,
        paper_source="Schroff et al. 2015, abstract; their own network, trained on their own faces",
        within=0.0,
        test_vector={},
        url=f"{ADDRESS}{known.file}",
        notes=f"trained by cross-entropy on the {known.people:,} people of {known.data}; accuracy "
        "on LFW (ten folds) as D. Sandberg states it for the TensorFlow weights that these were "
        "ported from, with faces found by MTCNN; not measured again here; sha256 and size as "
        f"stated by {known.stated_by}, none by the publisher; no threshold comes with them",
        better="higher",
        decoder={"faces": "mtcnn"},
        converter="facenet_pytorch",
    )


def write(folder: Path) -> list[Path]:
    """Write the cards; their paths."""
    return [card(known).save(folder) for known in FILES]


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "weights"
    for path in write(chosen):
        print(f"wrote {path}")

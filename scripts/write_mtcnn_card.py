"""Write the weights of MTCNN and their card from facenet-pytorch's three files.

python scripts/write_mtcnn_card.py SOURCE [FOLDER]

SOURCE holds pnet.pt, rnet.pt and onet.pt, as they lie in facenet_pytorch/data of the package
facenet-pytorch 2.6.0 (MIT). Their sha256 is checked; only tensors are read.
"""

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from zoo import files, registry
from zoo.cards import SHIPPED, Card
from zoo.data.image.boxes.front_end import OWN, BoxFrontEnd
from zoo.data.image.boxes.threshold import OVERLAP, in_card
from zoo.errors import BadFile
from zoo.predictors.detection import ObjectDetector
from zoo.pretrained.load import load_into
from zoo.pretrained.pth import state_dict

NAME, CLASSES = "mtcnn.wider_face", ("face",)
SOURCES = {
    "pnet": "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f",
    "rnet": "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86",
    "onet": "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d",
}
KEPT = (1024, 1024)  # height and width of what a set in memory has at most
FRONT_END = BoxFrontEnd(KEPT, OWN, (0.5, 0.5, 0.5), (128 / 255,) * 3)  # (value - 127.5) / 128
THRESHOLD = 0.7  # of O-Net, as facenet-pytorch has it


def tensors(source: Path) -> dict[str, Tensor]:
    """All tensors of the three files, ``pnet.conv1.weight`` and so on.

    Raises:
        BadFile: if a file is another one.
    """
    found = {}
    for name, sha256 in SOURCES.items():
        path = source / f"{name}.pt"
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BadFile(f"{path} is not facenet-pytorch's file: its sha256 differs")
        part = state_dict(data, str(path))
        found |= {f"{name}.{key}": tensor.contiguous() for key, tensor in part.items()}
    return found


def write(source: Path, folder: Path) -> list[Path]:
    """Write card and weights; their paths."""
    model = registry.build("mtcnn")
    load_into(model, tensors(source), NAME)
    data = save(model.state_dict())
    predictor = ObjectDetector(model, FRONT_END, CLASSES)
    raw = predictor.vector_input()
    output = [round(x, 6) for x in predictor.output_of(raw).tolist()]
    card = replace(_card(data), test_vector={"input": raw, "output": output})
    files.write(folder / card.file, data)
    return [folder / card.file, card.save(folder)]


def _card(data: bytes) -> Card:
    sources = ", ".join(f"{name}.pt {sha256}" for name, sha256 in SOURCES.items())
    with torch.device("meta"):
        model = registry.build("mtcnn")
    return Card(
        name=NAME,
        arch="mtcnn",
        arguments={},
        task="detection",
        front_end={**in_card(FRONT_END, THRESHOLD), OVERLAP: 0.7},
        classes=list(CLASSES),
        parameters=sum(p.numel() for p in model.parameters()),
        file=f"{NAME}.safetensors",
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        data="WIDER FACE and CelebA",
        data_licence="WIDER FACE and CelebA: for non-commercial research, each photograph its own",
        weights_licence="MIT, as facenet-pytorch 2.6.0 publishes them: Copyright (c) 2019 Timothy "
        "Esler; the whole text in LICENSE.facenet_pytorch.txt",
        recipe="https://github.com/timesler/facenet-pytorch",
        settings={},
        seeds=[],
        seconds=0.0,
        device="not stated",
        metric="ap_wider_easy",
        measured=[85.1],
        shipped=85.1,
        paper=None,
        paper_source="what is measured is the authors' own number",
        within=0.0,
        test_vector={},
        notes="trained by Zhang et al. 2016 on the faces of WIDER FACE and the points of CelebA; "
        "measured by them on WIDER FACE's test set: AP 85.1 / 82.0 / 60.7 % of its easy, medium "
        "and hard faces; not measured again here, where boxes, points and probabilities are those "
        f"of facenet-pytorch with the same weights. Made from its files (sha256): {sources}",
        better="higher",
        converter=SHIPPED,
    )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("python scripts/write_mtcnn_card.py SOURCE [FOLDER]")
    chosen = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parents[1] / "weights"
    for path in write(Path(sys.argv[1]), chosen):
        print(f"wrote {path}")

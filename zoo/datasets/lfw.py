"""Labeled Faces in the Wild: 6,000 pairs of photographs, half of them of the same person.

Huang, Ramesh, Berg, Learned-Miller 2007, UMass TR 07-49; vis-www.cs.umass.edu/lfw. The pairs are
in ten folds; accuracy is measured on each with a threshold that is chosen on the other nine
(zoo/metrics/verification/folds.py). Nothing is trained on them: there is one part, test. Published
figures are of faces that a detector has found, aligned and cut out; a folder of such crops with
pairs.txt in it is measured by ``zoo evaluate NAME --data FOLDER``.
Proof: tests/datasets/test_lfw.py.
"""

from dataclasses import replace

from zoo.data.image.identities.splits import IdentitySplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.own.folded_pairs import NAME, list_pairs
from zoo.data.root import data_folder
from zoo.errors import Missing

IMAGES = "https://ndownloader.figshare.com/files/5976015"  # scikit-learn's lfw-funneled.tgz
IMAGES_SHA256 = "b47c8422c8cded889dc5a13418c4bc2abbda121092b3533a83306f90d900100a"
PAIRS = "https://ndownloader.figshare.com/files/5976006"
PAIRS_SHA256 = "ea42330c62c92989f9d7c03237ed5d591365e89b3e649747777b70e692dc1592"
FOLDERS = ("", "lfw_funneled", "lfw-deepfunneled", "lfw")  # as the archives unpack
LICENCE = "none stated; photographs of the press, for research"


def lfw(size: int = 160) -> IdentitySplits:
    """The images of the 6,000 pairs.

    Args:
        size: pixels of a side that they are made; FaceNet's are 160.

    Raises:
        Missing: if they are not in the data folder; the message says where to get them.
        BadFile: if pairs.txt is damaged.
        BadInput: if no image can be read.
    """
    folder = data_folder() / "lfw"
    if not (folder / NAME).is_file():
        raise Missing(
            f"no {NAME} in {folder}: get {PAIRS} (sha256 {PAIRS_SHA256}) as that file, and unpack "
            f"{IMAGES} (lfw-funneled.tgz, sha256 {IMAGES_SHA256}) there"
        )
    pairs = list_pairs(folder)
    name = pairs.pairs[0][0][0]
    found = [folder / one for one in FOLDERS if (folder / one / name).is_dir()]
    if not found:
        raise Missing(
            f"no folder {name} in {folder}: unpack {IMAGES} (lfw-funneled.tgz, sha256 "
            f"{IMAGES_SHA256}) there"
        )
    front_end = ImageFrontEnd((size, size), mean=(0.5,) * 3, std=(0.5,) * 3)
    part, folded, notices = replace(pairs, folder=found[0]).read(front_end)
    return IdentitySplits(
        "LFW",
        LICENCE,
        part,
        part,
        part,
        front_end,
        pairs={"test": folded},
        notices=notices,
        only="test",
    )

"""A folder with boxes in PASCAL VOC's XML, a file for each image.

    VOC2007/Annotations/a.xml JPEGImages/a.jpg ImageSets/Main/train.txt     VOC's own
    train/a.jpg a.xml  valid/b.jpg b.xml                                    side by side
    images/a.jpg annotations/a.xml                                          not divided

Lists in ImageSets/Main say which image is in which split, else a folder that is called as one; of
``trainval`` everything that is in no other list is in train.
Proof: tests/data/own/boxes/test_voc.py.
"""

from pathlib import Path

from zoo import reading
from zoo.data.own.boxes.gathering import Gathering
from zoo.data.own.boxes.layout import Files, Key, key_of
from zoo.data.own.boxes.voc_xml import VocFile, read_voc_xml
from zoo.data.own.split_names import split_of
from zoo.data.own.told import counted
from zoo.errors import Missing

LISTS = "ImageSets"
Listed = dict[Key, tuple[str, Path, int]]  # the split of an image, and where a list says so


def gather_voc(files: Files, found: Gathering) -> tuple[str, ...]:
    """Collect all images with their boxes; returns the names of the classes, in their order."""
    listed = _lists(files, found)
    used: set[Path] = set()
    known: set[Key] = set()
    renamed = 0
    for path in files.texts[".xml"]:
        key = files.key(path)
        known.add(key)
        if listed and key not in listed:
            found.left_out.add("in no list of ImageSets", path)
            continue
        found.images += 1
        with found.noted(path):
            voc = read_voc_xml(path)
            image = _image(files, path, voc)
            renamed += bool(voc.image) and Path(voc.image.replace("\\", "/")).stem != image.stem
            used.add(image)
            split = listed[key][0] if listed else files.split(path)
            found.add(image, voc.boxes, source=path, line=voc.line, split=split, stated=voc.size)
    for key, (_, path, line) in listed.items():
        if key not in known:
            found.fault(f"there is no XML file for {key[-1]}", path, line)
    if renamed:
        found.told.append(
            f"{counted(renamed, 'XML files')} with another <filename>: the image with the name of "
            "the XML file is taken"
        )
    lone = (one for one in files.every() if one not in used and files.key(one) not in known)
    found.left_out.add("images without an XML file", *lone)
    return tuple(sorted({box.name for picture in found.pictures for box in picture.boxes}))


def _image(files: Files, path: Path, voc: VocFile) -> Path:
    """The image of an XML file: by the file's name, else by what it says."""
    if image := files.image_for(path):
        return image
    name = Path(voc.image.replace("\\", "/")).name
    if name:
        stated = (*files.key(path)[:-1], Path(name).stem)
        if same := [one for one in files.images.get(stated, []) if one.name == name]:
            return same[0]
    raise Missing(f"{path}:{voc.line}: there is no image {name or path.stem} for it")


def _lists(files: Files, found: Gathering) -> Listed:
    """What the lists of ImageSets/Main say, if there are any."""
    listed: Listed = {}
    paths = [path for path in files.texts[".txt"] if _is_list(path.relative_to(files.root))]
    named = [(split_of(path.stem), path) for path in paths]
    both = [("train", path) for path in paths if path.stem.lower() == "trainval"]
    for split, path in [*((split, path) for split, path in named if split), *both]:
        folders = path.relative_to(files.root).parts
        base = key_of(Path(*folders[: folders.index(LISTS)], "a"))[:-1]
        text = reading.read_text(path, "a list of images", reading.TEXT)
        for number, line in enumerate(text.splitlines(), 1):
            if not (name := line.strip()):
                continue
            key = (*base, *Path(name).parts)
            first = listed.setdefault(key, (split, path, number))
            if first != (split, path, number) and path.stem.lower() != "trainval":
                where = found.where(first[1], first[2])
                found.fault(f"{name} is in {where} already", path, number)
    return listed


def _is_list(relative: Path) -> bool:
    """Of all images, not of those of a class in another task's folder."""
    return LISTS in relative.parts and relative.parts[-2] in (LISTS, "Main")

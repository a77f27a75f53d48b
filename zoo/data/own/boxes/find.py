"""In which form the boxes of a folder are: it is found out by the files in it.

Proof: tests/data/own/boxes/test_find.py.
"""

from pathlib import Path

from zoo import reading
from zoo.data.own.boxes.coco import coco_files, gather_coco
from zoo.data.own.boxes.gathering import Gathering
from zoo.data.own.boxes.layout import Files, scan
from zoo.data.own.boxes.voc import gather_voc
from zoo.data.own.boxes.yolo import gather_yolo, label_files
from zoo.data.own.boxes.yolo_names import described
from zoo.data.own.told import LeftOut, counted, refuse_odd_names
from zoo.errors import BadInput, Missing

VOC, COCO, YOLO = "PASCAL VOC", "COCO", "YOLO"
EXPECTED = "images with an XML file of PASCAL VOC each, a JSON file of COCO, or text files of YOLO"
ENDINGS = (".json", ".json.gz", ".yaml", ".yml", ".data")


def gathered(path: Path) -> tuple[str, tuple[str, ...], Gathering]:
    """The form of the boxes, the names of the classes, and all images with what was found.

    Args:
        path: a folder; or a JSON file of COCO, a data.yaml or an obj.data with what lies around it.

    Raises:
        Missing: if there is no such folder or file.
        BadInput: if there are no boxes in it, or in two forms.
        BadFile: for a description that cannot be understood.
    """
    path = path if path.is_absolute() else Path.cwd() / path
    root = path if path.is_dir() else path.parent
    if not path.is_dir() and not reading.is_file(path):
        raise Missing(f"no folder or file {path}; expected {EXPECTED}")
    if root != path and not path.name.lower().endswith(ENDINGS):
        raise BadInput(f"{path} is none of {', '.join(ENDINGS)}; give the folder: {EXPECTED}")
    found = Gathering(root)
    files = scan(root, found.left_out)
    form, jsons = _form(path, files, found.left_out)
    if form == COCO:
        classes = gather_coco(jsons, files, found)
    elif form == VOC:
        classes = gather_voc(files, found)
    else:
        classes = gather_yolo(files, found)
    if not found.images and not found.faults:
        raise BadInput(f"{path} has no image of which its files of {form} tell; put them there")
    refuse_odd_names(classes, "class")
    found.left_out.add("no images", *files.others)
    return form, classes, found


def _form(path: Path, files: Files, left_out: LeftOut) -> tuple[str, list[Path]]:
    """The form, and the JSON files of COCO."""
    name = path.name.lower()
    if path != files.root:
        return (COCO, [path]) if ".json" in name else (YOLO, [])
    jsons = coco_files(files)
    xmls = files.texts[".xml"]
    labels, _ = label_files(files)
    counts = {
        VOC: counted(len(xmls), "XML files") if xmls else "",
        COCO: counted(len(jsons), "JSON files") if jsons else "",
        YOLO: counted(len(labels), "text files") if labels else "",
    }
    forms = [form for form, count in counts.items() if count]
    if len(forms) > 1:
        named = " and ".join(f"{counts[form]} of {form}" for form in forms)
        raise BadInput(f"{path} has {named}; move one kind away, or give the file or folder of one")
    if not forms and described(files).names and files.images:
        return YOLO, []
    if not forms:
        told = "".join(f"; {line}" for line in left_out.told())
        raise BadInput(f"{path} has no boxes that are understood; expected {EXPECTED}{told}")
    return forms[0], jsons

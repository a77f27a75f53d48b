"""``zoo data check``: counts, sizes, faults with their places; exit codes; JSON."""

import json

from tests.data.own.boxes.sets import PLAIN, write_image, write_voc, write_yolo
from zoo.cli.main import main
from zoo.data.own.boxes.report import check_boxes


def test_counts_of_each_part(tmp_path):
    write_voc(tmp_path, PLAIN, "train")
    write_voc(tmp_path, {"d": [("cat", 1, 1, 41, 41)]}, "test")
    found = check_boxes(tmp_path)
    assert (found.form, found.faults, found.sides) == ("PASCAL VOC", (), (2, 32, 64))
    assert found.parts["train"].boxes == {"cat": 1, "dog": 2}
    assert (found.parts["train"].images, found.parts["train"].empty) == (3, 1)
    assert found.parts["test"].boxes == {"cat": 1}
    assert found.areas == {"small": 2, "medium": 2, "large": 0}
    lines = str(found).splitlines()
    assert lines[1].split() == ["train", "test"]
    assert lines[4].split() == ["cat", "1", "1"]
    assert "widths of images: 64 to 64 pixels, median 64" in lines
    assert lines[-1] == "0 faults"


def test_all_faults_are_named_and_the_exit_code_is_1(tmp_path, capsys):
    write_yolo(tmp_path)
    (tmp_path / "labels" / "a.txt").write_text(
        "0 0.5 0.5 0.2 1\n3 0.5 0.5 0.5 0.5\n", encoding="utf-8"
    )
    path = tmp_path / "images" / "c.png"
    (tmp_path / "images" / "b.png").write_bytes(path.read_bytes())
    write_image(tmp_path / "images" / "e.jpg", 5)
    (tmp_path / "images" / "e.jpg").write_bytes(path.read_bytes()[:1000])
    assert main(["data", "check", str(tmp_path)]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[-4:] == [
        "labels/a.txt:2: class 3, expected 0 to 1",
        "images/e.jpg: is damaged: image file is truncated",
        "images/c.png: the same picture as b.png",
        "3 faults",
    ]
    assert main(["data", "check", str(tmp_path), "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["faults"][0] == {"where": "labels/a.txt:2", "what": "class 3, expected 0 to 1"}
    assert record["parts"]["all"]["images"] == 3


def test_data_without_a_fault_end_with_0_and_convert_prints_what_it_wrote(tmp_path, capsys):
    write_voc(tmp_path / "voc")
    assert main(["data", "check", str(tmp_path / "voc")]) == 0
    new = str(tmp_path / "new")
    assert main(["data", "convert", str(tmp_path / "voc"), "--to", "yolo", "--out", new]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"wrote 3 images with 3 boxes to {new}"
    assert main(["data", "check", str(tmp_path / "none")]) == 2
    assert "no folder or file" in capsys.readouterr().err

"""COCO free: only the free ones, credits, splits; damage is named."""

import io
import json
import zipfile

import pytest
from PIL import Image

from zoo.datasets.coco_free import coco_free, credit
from zoo.errors import BadFile, Missing

FLICKR = "http://farm9.staticflickr.com/8035/8024364858_9c41dc1666_z.jpg"


def row(file, licence="Attribution License"):
    return {"file": file, "licence": licence, "flickr": FLICKR}


def write(folder, rows):
    home = folder / "coco_mini"
    home.mkdir()
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48)).save(buffer, "PNG")
    with zipfile.ZipFile(home / "images.zip", "w") as packed:
        for one in rows:
            packed.writestr(one["file"], buffer.getvalue())
    lines = "".join(json.dumps(one) + "\n" for one in rows)
    (home / "annotations.jsonl").write_text(lines, encoding="utf-8")
    return home


def test_only_the_free_ones(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    rows = [row(f"free/{i}.png") for i in range(8)]
    write(tmp_path, [row("nc/x.png", "Attribution-NonCommercial License"), *rows])
    data = coco_free()
    assert [len(part) for part in data.parts().values()] == [6, 1, 1]
    assert (data.dev.names, data.test.names) == (("6.png",), ("7.png",))
    assert "x.png" not in data.credits
    assert len(data.credits.splitlines()) == 8


def test_a_credit_names_licence_and_source():
    found = credit(row("free/a.jpg", "Attribution-ShareAlike License"))
    assert found == "a.jpg  CC BY-SA 2.0  https://www.flickr.com/photo.gne?id=8024364858"


def test_what_is_missing_or_damaged_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    with pytest.raises(Missing, match=r"no annotations.jsonl in .*coco_mini.py"):
        coco_free()
    home = write(tmp_path, [row("free/a.png", "All rights reserved")])
    with pytest.raises(BadFile, match=r"annotations.jsonl:1 is damaged: .*All rights"):
        coco_free()
    (home / "annotations.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(BadFile, match="no line of a photograph"):
        coco_free()


def test_real_set(zoo_data, monkeypatch):
    if not (zoo_data / "coco_mini").exists():
        pytest.skip(f"no coco_mini in {zoo_data}")
    monkeypatch.setenv("ZOO_DATA", str(zoo_data))
    data = coco_free()
    assert [len(part) for part in data.parts().values()] == [65, 10, 10]
    assert max(max(one.shape[1:]) for one in data.train.images) == 416
    lines = data.credits.splitlines()
    assert len(lines) == 85
    assert {line.split("  ")[1] for line in lines} == {"CC BY 2.0", "CC BY-SA 2.0"}

"""Images in a table: what is read, a folder of the same images, what is refused."""

import random

import pytest
import torch
from PIL import Image

from tests.data.own.test_image_folder import FRONT_END, draw, fill, values
from zoo.data.own.classification import list_data, own_data, to_measure
from zoo.data.own.image_folder import image_folder
from zoo.data.own.image_table import image_table, list_table, read_rows
from zoo.errors import BadFile, BadInput, Missing


def table(root, text, name="mine.csv", encoding="utf-8"):
    path = root / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture
def flowers(tmp_path):
    """20 daisies, 21 roses, in folders."""
    return fill(tmp_path / "flowers", {"daisy": 20, "rose": 21})


def lines_of(root):
    return [f"{p.relative_to(root).as_posix()},{p.parent.name}" for p in root.rglob("*.png")]


# what is read


def test_a_table_and_a_folder_of_the_same_images_are_the_same(flowers):
    lines = lines_of(flowers)
    random.Random(0).shuffle(lines)  # the order of the lines changes nothing
    path = table(flowers, "\n".join(["file,label", *lines]), "flowers.csv")
    ours, folder = image_table(path, FRONT_END), image_folder(flowers, FRONT_END)
    assert ours.name == folder.name == "flowers"
    assert ours.train.classes == folder.train.classes == ("daisy", "rose")
    assert ours.digest() == folder.digest()
    assert values(ours.test) == values(folder.test)
    assert torch.equal(ours.test.labels, folder.test.labels)


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "BOM"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_byte_order_mark_and_line_ends(flowers, mark, end):
    path = table(flowers, mark + end.join(["file,label", *lines_of(flowers), ""]))
    assert list_table(path).size == 41


def test_quotes_blanks_empty_lines_and_any_script(tmp_path):
    draw(tmp_path / 'left, "up".png', 1)
    draw(tmp_path / "薔薇 é.png", 2)
    text = 'File, LABEL\n\n"left, ""up"".png",Gänseblümchen\n,\n 薔薇 é.png , 花 \n'
    rows = read_rows(table(tmp_path, text)).rows
    assert [(row.content, row.label, row.line) for row in rows] == [
        ('left, "up".png', "Gänseblümchen", 3),
        ("薔薇 é.png", "花", 5),
    ]


def test_images_may_lie_anywhere(tmp_path):
    draw(tmp_path / "far" / "a.png", 1)
    draw(tmp_path / "near" / "b.png", 2)
    text = f"file,label\n{tmp_path / 'far' / 'a.png'},a\n../near/b.png,b\n"
    (tmp_path / "tables").mkdir()
    assert list_table(table(tmp_path / "tables", text)).size == 2


def test_own_splits_are_kept(flowers):
    split = ["test" if i % 5 == 0 else "dev" if i % 5 == 1 else "train" for i in range(41)]
    lines = [f"{line},{s}" for line, s in zip(sorted(lines_of(flowers)), split, strict=True)]
    data = image_table(table(flowers, "\n".join(["file,label,split", *lines])), FRONT_END)
    for name, part in data.parts().items():
        assert values(part) == [i for i in range(41) if split[i] == name]
        assert part.labels.tolist() == [int(i >= 20) for i in values(part)]


def test_a_split_that_is_not_there_is_set_aside_from_train(flowers):
    lines = [f"{line},{'test' if i < 5 else 'train'}" for i, line in enumerate(lines_of(flowers))]
    data = image_table(table(flowers, "\n".join(["file,label,split", *lines])), FRONT_END)
    assert len(data.test) == 5
    assert (len(data.train), len(data.dev)) == (33, 3)
    assert sorted(values(data.train) + values(data.dev) + values(data.test)) == list(range(41))


def test_a_folder_or_a_table(flowers):
    path = table(flowers, "\n".join(["file,label", *lines_of(flowers)]))
    assert list_data(path).classes == list_data(flowers).classes == ("daisy", "rose")
    assert list_data(path).size == list_data(flowers).size == 41
    assert own_data(path, FRONT_END).digest() == own_data(flowers, FRONT_END).digest()
    odd = flowers.rename(flowers.parent / "flowers.csv")  # a folder may be called so
    assert list_data(odd).size == 41


@pytest.mark.parametrize("split", [True, False])
def test_what_a_network_is_measured_on(flowers, split):
    """The test lines if there are any, or all; one class is enough; others are refused."""
    mark, header = (",test", "file,label,split") if split else ("", "file,label")
    lines = [f"rose/{line}{mark}" for line in lines_of(flowers / "rose")]
    path = table(flowers, "\n".join([header, *lines]))
    _, parts, _ = to_measure(path, FRONT_END, ("aster", "daisy", "rose"), list)
    ((name, found),) = parts.items()
    assert name == ("test" if split else "")
    assert found.labels.tolist() == [2] * 21
    assert sorted(values(found)) == list(range(20, 41))
    with pytest.raises(BadInput, match=r"label 'rose' \(line 2\); expected aster, daisy$"):
        to_measure(path, FRONT_END, ("aster", "daisy"), list)


def test_a_table_of_nothing_is_no_test(tmp_path):
    with pytest.raises(BadInput, match="no images to test on"):
        to_measure(table(tmp_path, "file,label\n"), FRONT_END, ("a", "b"), list)


# what is refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a header with file .* label .* and perhaps split, got ''"),
        ("a.png,a\nb.png,b\n", "expected a header .* got 'a.png,a'"),
        ("file,label\na.png,a\nb.png\n", "line 3: 1 cell, expected 2"),
        ("file,label\na.png,a,train\n", "line 2: 3 cells, expected 2"),
        ("file,label\na.png,a\nb.png, \n", "line 3: the label is empty"),
        ("file,label\n\n,a\n", "line 3: the file is empty"),
        ("file,label\na.png,a\nb.png,a\n", "one class only, 'a'; expected two"),
        ("file,label\n", "no images to train with"),
        ("file,label\na.png,a\nb.png,b\n./a.png,a\n", "line 4: ./a.png is in line 2 already"),
        ("file,label,split\na.png,a,var\n", "line 2: split must be train, dev or test, got 'var'"),
        (
            "file,label,split\na.png,a,train\nb.png,b,test\n",
            "no images to train with have the label 'b' .line 3.",
        ),
        ("file,label,split\na.png,a,test\n", "has images for test, but none to train with"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path, text, said):
    draw(tmp_path / "a.png", 1)
    draw(tmp_path / "b.png", 2)
    with pytest.raises(BadInput, match=rf"mine\.csv.*{said}") as error:
        list_table(table(tmp_path, text))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["none.png", "", ".", "folder"])
def test_a_missing_image_is_named_with_its_line(tmp_path, name):
    draw(tmp_path / "a.png", 1)
    (tmp_path / "folder").mkdir()
    kind = Missing if name else BadInput
    with pytest.raises(kind, match=r"mine\.csv line 3"):
        list_table(table(tmp_path, f"file,label\na.png,a\n{name},b\n"))


def test_a_missing_table_is_said(tmp_path):
    with pytest.raises(Missing, match=r"no folder or file .*none\.csv; expected a folder with"):
        list_data(tmp_path / "none.csv")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_said(tmp_path, encoding):
    path = table(tmp_path, "file,label\nä.png,ä\n", encoding=encoding)
    with pytest.raises(BadFile, match="is not UTF-8: byte 0x.* save it as UTF-8"):
        list_table(path)


@pytest.mark.parametrize("row", ['"a.png,a\n', '"a"b,a\n', "x" * 10**7], ids=["end", "", "long"])
def test_what_is_no_csv_is_said(tmp_path, row):
    with pytest.raises(BadFile, match=r"mine\.csv line \d+ is not CSV"):
        list_table(table(tmp_path, f"file,label\n{row}"))


def test_an_image_that_cannot_be_read_is_named(flowers):
    (flowers / "rose" / "bad.png").write_bytes(b"<html>")
    path = table(flowers, "\n".join(["file,label", *lines_of(flowers)]))
    with pytest.raises(BadFile, match=r"rose/bad\.png is not a"):
        image_table(path, FRONT_END)


def test_val_is_dev(tmp_path):
    for number in range(4):
        Image.new("L", (4, 4), 60 * number).save(tmp_path / f"{number}.png")
    rows = ["0.png,a,train", "1.png,b,train", "2.png,a,val", "3.png,b,test"]
    table = tmp_path / "t.csv"
    table.write_text("\n".join(["file,label,split", *rows]))
    assert [row.split for row in read_rows(table).rows] == ["train", "train", "dev", "test"]


def test_windows_folders_and_any_header(flowers):
    images = [(path.parent.name, path.name) for path in flowers.rglob("*.png")]
    lines = [f"{kind};{kind}\\{name};free" for kind, name in images]
    text = "\n".join(["Category;ImagePath;licence", *lines])
    data = image_table(table(flowers, text, "flowers.tsv"), FRONT_END)
    assert data.digest() == image_folder(flowers, FRONT_END).digest()
    assert data.notices == (
        "read 41 images in 2 classes (daisy 20, rose 21): train 33, dev 4, test 4 (dev and test "
        "set aside from train)",
        "flowers.tsv: ImagePath is taken for the file, Category for the label; columns not used: "
        "licence",
    )


def test_all_images_that_are_missing_or_damaged_are_named_or_left_out(flowers):
    (flowers / "rose" / "000.png").unlink()
    (flowers / "rose" / "001.png").unlink()
    lines = [f"{name}/{n:03}.png,{name}" for name, most in (("daisy", 20), ("rose", 21))
             for n in range(most)]  # fmt: skip
    path = table(flowers, "\n".join(["file,label", *lines]))
    said = (
        r"2 of 41 rows cannot be used: line 22: no image at .*000\.png; line 23: .*001\.png; mend"
    )
    with pytest.raises(Missing, match=said):
        list_table(path)
    (flowers / "daisy" / "000.png").write_bytes(b"<html>")
    data = image_table(path, FRONT_END, skip_bad=True)
    assert sum(len(part) for part in data.parts().values()) == 38
    assert data.notices[1].startswith("left out 2 of 41 rows that cannot be used: ")
    assert data.notices[2].startswith("left out 1 of 39 images that cannot be used: ")

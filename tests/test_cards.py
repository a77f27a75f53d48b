"""Cards: what is written is read, what is no card is refused, names lead to the right one."""

import json
from dataclasses import fields, replace

import pytest

import zoo
from tests.helpers.small_weights import change_card, only_from, plain_card, write_weights
from zoo import cards
from zoo.cards import Card
from zoo.errors import BadFile, BadInput, Missing, UnknownName


@pytest.fixture
def card(tmp_path):
    """A card, saved in ``tmp_path``."""
    one = replace(plain_card("lenet5.tiny", b"weights"), notes="ü ± 中", commit="abc", url=None)
    one.save(tmp_path)
    return one


@pytest.fixture
def path(card, tmp_path):
    """Its file."""
    return tmp_path / "lenet5.tiny.json"


def test_what_is_saved_is_read(card, path, tmp_path):
    again = cards.read(path)
    assert again == card
    assert again.folder == tmp_path
    assert "folder" not in json.loads(path.read_text())


def test_the_file_is_readable_text(card, path):
    text = path.read_bytes().decode("utf-8")
    assert "ü ± 中" in text
    assert text.endswith("}\n")
    assert text.count("\n") > 20


def test_saving_again_gives_the_same_bytes(path, tmp_path):
    before = path.read_bytes()
    cards.read(path).save(tmp_path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_an_integer_will_do_where_a_float_is_expected(path):
    change_card(path, shipped=1, measured=[1, 2], paper=3)
    assert cards.read(path).mean == 1.5


@pytest.mark.parametrize(
    ("better", "mean", "met"),
    [("lower", 3.6, True), ("lower", 3.7, False), ("higher", 2.6, True), ("higher", 2.5, False)],
)
def test_which_side_of_the_published_number_is_good(path, better, mean, met):
    change_card(path, better=better, paper=3.1, within=0.5, measured=[mean])
    assert cards.read(path).met is met


def test_no_other_side(path):
    change_card(path, better="best")
    refused(path, "better not in order")


def test_no_published_number(path):
    change_card(path, paper=None)
    assert cards.read(path).met is None


# ---- bad cards ----------------------------------------------------------------------------------


def refused(path, reason="is not a card"):
    """The file is refused in one line that names it."""
    with pytest.raises(BadFile, match=reason) as error:
        cards.read(path)
    said = str(error.value)
    assert str(path) in said
    assert "\n" not in said
    assert len(said) < 500


@pytest.mark.parametrize(
    "text",
    ["", "{", "not json", "[]", "3", "null", '"card"', "[" * 100_000, '{"a":' * 50_000, "{}"],
    ids=lambda text: text[:8],
)
def test_what_is_no_json_object_is_no_card(path, text):
    path.write_text(text)
    refused(path)


def test_bytes_that_are_no_text(path):
    path.write_bytes(b'{"name": "\xff\xfe"}')
    refused(path)


def test_a_folder_is_no_card(tmp_path):
    (tmp_path / "x.json").mkdir()
    refused(tmp_path / "x.json")


NEEDED = [f.name for f in fields(Card)]
OPTIONAL = ("url", "commit", "torch", "notes", "converter", "unit", "better", "decoder", "also")
NEEDED = [n for n in NEEDED if n not in (*OPTIONAL, "folder", "labels")]


@pytest.mark.parametrize("name", NEEDED)
def test_a_field_is_missing(path, name):
    record = json.loads(path.read_text())
    del record[name]
    path.write_text(json.dumps(record))
    refused(path, f"missing or unknown: {name}$")


@pytest.mark.parametrize("name", OPTIONAL)
def test_some_fields_may_be_missing(card, path, name):
    record = json.loads(path.read_text())
    record.pop(name, None)
    path.write_text(json.dumps(record))
    assert cards.read(path).name == card.name


@pytest.mark.parametrize("name", ["folder", "labels", "extra", "__class__"])
def test_an_unknown_field(path, name):
    change_card(path, **{name: "/etc"})
    refused(path, f"unknown: {name}")


@pytest.mark.parametrize("name", NEEDED)
def test_a_field_of_a_wrong_type(path, name):
    other = {"a": 1} if name in ("classes", "seeds", "measured") else ["x"]
    for value in (True, other, None):
        if (name, value) != ("paper", None):
            change_card(path, **{name: value})
            refused(path, f"{name} is ")


@pytest.mark.parametrize(
    "fields",
    [
        {"parameters": 1.5},
        {"bytes": "12"},
        {"seconds": float("nan")},
        {"shipped": float("inf")},
        {"also": {"map_voc07": 3.0}},
        {"also": {"map_voc07": ["3.0"]}},
        {"paper": float("nan")},
        {"measured": []},
        {"measured": ["1.5"]},
        {"measured": [None]},
        {"measured": [float("nan")]},
        {"measured": [True]},
        {"classes": [1, 2]},
        {"seeds": [0.5]},
        {"arguments": [["num_classes", 3]]},
        {"bytes": -1},
        {"parameters": -1},
        {"seconds": 10**400},
        {"paper": -(10**400)},
        {"measured": [10**400]},
        {"seeds": [10**30]},
        {"test_vector": {"input": "x", "output": [10**400]}},
        {"test_vector": {"input": "x" * 2_000_000, "output": [1]}},
        {"arguments": {"hidden_sizes": [1, [10**90]]}},
        {"arguments": {"rate": float("nan")}},
        {"settings": {"a": json.loads("[" * 50 + "]" * 50)}},
        {"classes": ["red", "\x1b[31mred"]},
        {"classes": ["left\u202eright"]},
        {"notes": "\x07" * 5},
        {"data": "two\rlines"},
        {"front_end": {"ki\x1bnd": 1}},
    ],
    ids=str,
)
def test_values_that_are_no_good(path, fields):
    change_card(path, **fields)
    refused(path, next(iter(fields)))


def test_marks_of_direction_and_tabs_may_stand_in_classes(path):
    names = ["\u200fجيد", "a\tb", "x\ufeff"]
    change_card(path, classes=names)
    assert cards.read(path).classes == names


@pytest.mark.parametrize("field", ["file", "name"])
@pytest.mark.parametrize(
    "value",
    [
        "../x.safetensors",
        "a/b",
        "/etc/passwd",
        "..",
        ".",
        "",
        ".hidden",
        "a\\b",
        "a b",
        "a\n",
        "a\x00",
        "C:x",
        "~",
        "~root",
        "-rf",
        "a;b",
        "$(x)",
        "a%2fb",
    ],
)
def test_a_name_that_could_be_a_path(path, field, value):
    change_card(path, **{field: value})
    refused(path, f"{field} not in order")


@pytest.mark.parametrize(
    "value",
    ["", "0" * 63, "0" * 65, "g" * 64, "A" * 64, "0" * 64 + "\n", "../" + "0" * 61, "٠" * 64],
)
def test_a_sha256_that_is_none(path, value):
    change_card(path, sha256=value)
    refused(path, "sha256 not in order")


def test_only_others_weights_may_have_a_part_of_the_sha256(path):
    change_card(path, sha256="0123abcd")
    refused(path, "sha256 not in order")
    change_card(path, converter="torchvision")
    assert cards.read(path).sha256 == "0123abcd"
    for value in ("0123abc", "0123ABCD", "", "0123abcd\n", "0" * 65):
        change_card(path, sha256=value)
        refused(path, "sha256 not in order")


# ---- classes in a file beside the card ----------------------------------------------------------


def test_classes_from_a_file(path, tmp_path):
    (tmp_path / "names.txt").write_text("cat\nTür, zweiflügelig\ndog\n", encoding="utf-8")
    change_card(path, classes="names.txt")
    card = cards.read(path)
    assert card.classes == ["cat", "Tür, zweiflügelig", "dog"]
    assert card.labels == "names.txt"
    card.save(tmp_path)
    assert json.loads(path.read_text())["classes"] == "names.txt"
    assert cards.read(path) == card


def test_saved_elsewhere_the_classes_are_written_out(path, tmp_path):
    (tmp_path / "names.txt").write_text("cat\ndog\n")
    change_card(path, classes="names.txt")
    card = cards.read(path)
    (tmp_path / "there").mkdir()
    for one in (card, replace(card, classes=["owl"])):
        saved = one.save(tmp_path / "there")
        assert json.loads(saved.read_text())["classes"] == one.classes
        assert cards.read(saved) == one
    replace(card, classes=["owl"]).save(tmp_path)  # the file beside it holds others
    assert cards.read(path).classes == ["owl"]


@pytest.mark.parametrize(
    "name", ["../names.txt", "/etc/passwd", "a/b", ".hidden", "a b", "~", "a\n"]
)
def test_a_file_of_classes_that_could_be_elsewhere(path, name):
    change_card(path, classes=name)
    refused(path, "classes not in order")


def test_a_file_of_classes_that_cannot_be_read(path, tmp_path):
    change_card(path, classes="names.txt")
    refused(path, "classes cannot be read")
    (tmp_path / "names.txt").write_bytes(b"\xff\xfe")
    refused(path, "classes cannot be read")
    (tmp_path / "names.txt").unlink()
    (tmp_path / "names.txt").mkdir()
    refused(path, "classes cannot be read")


# ---- which of several ---------------------------------------------------------------------------


def test_the_default_of_several_weights(tmp_path, monkeypatch):
    def add(name, **fields):
        replace(plain_card(name, b""), **fields).save(tmp_path)

    only_from(tmp_path, monkeypatch)
    with pytest.raises(UnknownName, match="weights of resnet50"):
        cards.default("resnet50")
    add("resnet50.tv_in1k_v1", converter="torchvision")
    add("resnet50.tv_in1k_v2", converter="torchvision")
    add("resnet501.x")  # another architecture
    assert cards.default("resnet50").name == "resnet50.tv_in1k_v2"  # others': the newest
    add("resnet50.zebras")
    assert cards.default("resnet50").name == "resnet50.zebras"  # ours before others'
    add("resnet50.apples")
    assert cards.default("resnet50").name == "resnet50.apples"  # ours: the first


# ---- where cards are found ----------------------------------------------------------------------


@pytest.fixture
def two_folders(tmp_path, monkeypatch):
    """The same name in two folders of ZOO_WEIGHTS, and another one in the second."""
    for number, folder in enumerate(("one", "two")):
        (tmp_path / folder).mkdir()
        replace(plain_card("lenet5.tiny", b""), notes=folder, shipped=number).save(
            tmp_path / folder
        )
    plain_card("mlp.other", b"").save(tmp_path / "two")
    monkeypatch.setenv("ZOO_WEIGHTS", f"{tmp_path / 'one'}:{tmp_path / 'two'}")
    return tmp_path


def test_the_first_folder_wins(two_folders, monkeypatch):
    assert cards.card("lenet5.tiny").notes == "one"
    assert cards.card("mlp.other").folder == two_folders / "two"
    monkeypatch.setenv("ZOO_WEIGHTS", f"{two_folders / 'two'}:{two_folders / 'one'}")
    assert cards.card("lenet5.tiny").notes == "two"


def test_the_users_folders_come_before_the_shipped_ones(two_folders):
    assert cards.folders()[:2] == [two_folders / "one", two_folders / "two"]
    assert len(cards.folders()) == 4


def test_folders_that_are_not_there_do_no_harm(two_folders, monkeypatch):
    monkeypatch.setenv("ZOO_WEIGHTS", f"/none::{two_folders / 'two'}:")
    assert cards.card("lenet5.tiny").notes == "two"
    monkeypatch.delenv("ZOO_WEIGHTS")
    assert len(cards.folders()) == 2


def test_the_home_folder_may_be_short(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ZOO_WEIGHTS", "~/w")
    assert cards.folders()[0] == tmp_path / "w"


def test_names_are_listed_once_and_sorted(two_folders):
    mine = [name for name in cards.list_weights() if name in ("lenet5.tiny", "mlp.other")]
    assert mine == ["lenet5.tiny", "mlp.other"]
    assert cards.list_weights() == sorted(cards.list_weights())
    assert cards.list_weights("lenet5.t*") == ["lenet5.tiny"]
    assert cards.list_weights("nothing*") == []
    assert "mlp.other" in cards.list_weights(task="classification")
    assert cards.list_weights(task="translate") == []


def test_a_card_by_its_path(two_folders, monkeypatch):
    path = two_folders / "two" / "lenet5.tiny.json"
    assert cards.card(path).notes == "two"
    assert cards.card(str(path)).notes == "two"
    monkeypatch.chdir(two_folders / "two")
    assert cards.card("mlp.other.json").name == "mlp.other"


def test_a_card_by_the_folder_of_a_run(tmp_path, monkeypatch):
    write_weights(tmp_path / "run of ü")
    (tmp_path / "run of ü" / "note.json").write_text("{}")  # no weights beside it: no card
    assert cards.card(tmp_path / "run of ü").name == "lenet5.tiny"
    assert cards.card(f"{tmp_path}/run of ü/").name == "lenet5.tiny"
    monkeypatch.chdir(tmp_path)
    assert cards.card("run of ü").name == "lenet5.tiny"


def test_a_folder_with_two_cards_or_none(tmp_path):
    with pytest.raises(Missing, match="holds 0 cards"):
        cards.card(tmp_path)
    write_weights(tmp_path)
    write_weights(tmp_path, tag="other")
    with pytest.raises(Missing, match="holds 2 cards"):
        cards.card(tmp_path)


@pytest.mark.parametrize("name", ["runs/none", "/none/at/all", "./x.json"])
def test_a_path_with_nothing_there(name):
    with pytest.raises(Missing, match="no card or folder at"):
        cards.card(name)


@pytest.mark.parametrize("name", ["lenet5.tini", "lenet5", "tiny", "LENET5.TINY", "lenet.tiny"])
def test_an_unknown_name_is_answered_with_the_near_ones(two_folders, name):
    with pytest.raises(UnknownName, match=r"did you mean .*lenet5\.tiny"):
        cards.card(name)


# ---- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measured", "mean", "spread"),
    [([2.0], 2.0, 0.0), ([1.0, 3.0], 2.0, 2**0.5), ([1.0, 2.0, 3.0], 2.0, 1.0)],
)
def test_mean_and_spread(card, measured, mean, spread):
    card = replace(card, measured=measured)
    assert card.mean == pytest.approx(mean)
    assert card.spread == pytest.approx(spread)


@pytest.mark.parametrize(
    ("measured", "paper", "within", "met"),
    [
        ([0.95], 0.95, 0.0, True),
        ([0.94], 0.95, 0.0, True),
        ([0.96], 0.95, 0.0, False),
        ([0.96], 0.95, 0.01, True),
        ([0.90, 1.00], 0.95, 0.0, True),  # the mean counts
        ([0.90, 1.02], 0.95, 0.0, False),
        ([0.1, 0.2, 0.3], 0.2, 0.0, True),  # 0.20000000000000004 in binary
        ([5.0], None, 0.0, None),
    ],
)
def test_met(card, measured, paper, within, met):
    assert replace(card, measured=measured, paper=paper, within=within).met is met


@pytest.mark.parametrize("name", [None, 3, ["lenet5.digits"], b"lenet5.digits"])
def test_what_is_no_name_is_refused(name):
    for use in (cards.card, zoo.load, zoo.transform):
        with pytest.raises(BadInput, match="weights are given by their name or the"):
            use(name)
    with pytest.raises(BadInput, match="a model is made by the name of its architecture, got"):
        zoo.create_model(name)

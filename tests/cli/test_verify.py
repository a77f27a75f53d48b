"""``zoo predict NAME --verify`` and ``zoo faces`` with weights as zoo train writes them."""

import json

import pytest

from tests.helpers.people import KnownPlaces, group, portrait, write_people
from tests.helpers.verifier_weights import write_verifier
from zoo import loading
from zoo.cli.main import main


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    place = tmp_path_factory.mktemp("weights")
    return write_verifier(place, threshold=0.2, false_accept=1.0, false_reject=2.0).folder


@pytest.fixture
def says(capsys, monkeypatch, tmp_path):
    """A function: run zoo in a folder with pictures of its own; exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    for name, person in (("a", 0), ("b", 1)):
        portrait(person).save(f"{name}.png")

    def say(*words):
        code = main([*map(str, words)])
        return (code, *capsys.readouterr())

    return say


def test_two_pictures_are_compared_whatever_the_verdict_the_code_is_0(says, weights):
    code, out, err = says("predict", weights, "--verify", "a.png", "a.png", "a.png", "b.png")
    assert (code, err) == (0, "")
    first, second = out.splitlines()
    assert first == "a.png and a.png: the same (dissimilarity 0.0000, threshold 0.2000)"
    assert second.startswith("a.png and b.png: ")
    never = says("predict", weights, "--verify", "a.png", "b.png", "--threshold", "-1")
    assert never[0] == 0
    assert "not the same (" in never[1]


def test_a_siamese_network_says_how_probable(says, tmp_path):
    weights = write_verifier(tmp_path / "w", "siamese_small", size=65, threshold=0.0).folder
    code, out, err = says("predict", weights, "--verify", "a.png", "b.png")
    assert (code, err) == (0, "")
    assert "p(same) " in out
    code, out, err = says("faces", "verify", "a.png", "b.png", "--book", "none")
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_a_table_of_pairs_and_records(says, weights, tmp_path):
    (tmp_path / "pairs.csv").write_text("a.png,b.png\na.png,none.png\n")
    code, out, err = says("predict", weights, "--verify", "pairs.csv", "--json")
    assert code == 2  # one picture is not there
    [record] = json.loads(out)
    assert [name.rpartition("/")[2] for name in record["input"]] == ["a.png", "b.png"]
    assert record.keys() == {"input", "same", "dissimilarity", "threshold", "scale"}
    assert "none.png" in err
    assert err.count("\n") == 1


def test_pictures_of_pairs_are_drawn_and_saved(says, weights, tmp_path):
    code, _, _ = says("predict", weights, "--verify", "a.png", "b.png", "--plot", "both.png",
                      "--save", "json", "--out", "all")  # fmt: skip
    assert code == 0
    assert (tmp_path / "both.png").stat().st_size > 1000
    assert [one.name for one in (tmp_path / "all").iterdir()] == ["a_b.json"]


@pytest.mark.parametrize("words", [["a.png"], [], ["a.png", "b.png", "a.png"]])
def test_what_is_no_pair_is_one_line(says, weights, words):
    code, out, err = says("predict", weights, "--verify", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "two by two" in err


def test_a_card_that_names_a_detector_looks_for_faces_first(says, tmp_path, monkeypatch):
    card = write_verifier(tmp_path / "w", threshold=0.2, faces="finder.of_faces")
    load, asked = loading.load, []

    def loaded(name, **options):
        asked.append(name)
        return KnownPlaces() if name == "finder.of_faces" else load(name, **options)

    monkeypatch.setattr(loading, "load", loaded)
    group([0, 1, 2]).save("photo.png")
    code, out, err = says("predict", card.folder, "photo.png", "--json")
    assert (code, json.loads(out)[0]["face"]["box"]) == (0, [90, 5, 150, 65])
    assert "3 faces, the largest is taken" in err
    assert asked[1:] == ["finder.of_faces"]
    asked.clear()
    code, out, err = says("predict", card.folder, "photo.png", "--json", "--aligned")
    assert (code, err, len(asked)) == (0, "", 1)
    assert "face" not in json.loads(out)[0]


def test_a_book_with_weights_of_a_run(says, weights, tmp_path):
    write_people(tmp_path / "people", pictures=3)
    code, out, err = says("faces", "enroll", "people", "--book", "f.zoo", "--model", weights)
    assert code == 0
    assert "12 pictures of 4 identities enrolled" in out
    assert "takes pictures as they are: no face is looked for" in err
    for words in (["identify", "people/Ann/0.png"], ["verify", "a.png", "b.png"]):
        code, out, err = says("faces", *words, "--book", "f.zoo", "--model", weights)
        assert code == 0, err
        code, out, err = says("faces", *words, "--book", "f.zoo")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "the book's weights are missing, give them by --model" in err
    assert says("faces", "list", "--book", "f.zoo")[0] == 0  # needs no weights
    assert says("faces", "remove", "Ann", "--book", "f.zoo")[0] == 0
    other = write_verifier(tmp_path / "other", seed=1, threshold=0.2).folder
    code, _, err = says("faces", "identify", "a.png", "--book", "f.zoo", "--model", other)
    assert code == 2
    assert "vectors of two networks cannot be compared" in err

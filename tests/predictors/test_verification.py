"""Images in, vectors out; two images in, whether they show the same."""

import numpy as np
import pytest
import torch
from PIL import Image

from tests.helpers.tiny_verifier import FRONT_END, MeanColours, MeanColoursLogit, tiny_verifier
from zoo.data.image.identities.decision import Decision
from zoo.errors import BadFile, BadInput, Missing
from zoo.predictors.verification import ImageVerifier


def picture(seed, size=(40, 30)):
    """Big random squares: what a small network still sees."""
    values = np.random.default_rng(seed).integers(0, 255, (3, 4, 3), dtype=np.uint8)
    return Image.fromarray(values).resize(size, Image.Resampling.NEAREST)


@pytest.fixture
def files(tmp_path):
    for seed in range(3):
        picture(seed).save(tmp_path / f"{seed}.png")
    return [str(tmp_path / f"{seed}.png") for seed in range(3)]


def test_an_image_becomes_its_vector(files):
    answer = tiny_verifier()(files[0])
    assert answer.vector.shape == (48,)
    assert float(answer.vector.norm()) == pytest.approx(1, abs=1e-6)
    assert str(answer).startswith("48 numbers: ")
    assert len(answer.to_json()["vector"]) == 48
    assert len(answer.plot().axes) == 2
    with torch.no_grad():
        expected = MeanColours()(FRONT_END(files[0])[None])[0]
    torch.testing.assert_close(answer.vector, expected)


def test_an_answer_does_not_depend_on_the_batch(files):
    predictor = tiny_verifier()
    for path, together in zip(files, predictor(files), strict=True):
        torch.testing.assert_close(together.vector, predictor(path).vector)
    pixels = torch.stack([FRONT_END.pixels(path) for path in files])
    assert len(predictor(pixels)) == 3  # a batch (N, C, H, W)


def test_two_images_show_the_same_or_not(files):
    predictor = tiny_verifier()
    same, other = predictor.verify(files[0], picture(0)), predictor.verify(files[0], files[1])
    assert (same.same, other.same) == (True, False)
    assert same.dissimilarity == pytest.approx(0, abs=1e-6)
    assert other.dissimilarity > 0.2 == other.threshold
    assert same.probability is None
    assert str(same) == "the same (dissimilarity 0.0000, threshold 0.2000)"
    assert str(other).startswith("not the same (dissimilarity ")
    assert other.to_json()["same"] is False
    assert len(other.plot().axes) == 2


def test_a_siamese_network_also_says_how_probable(files):
    predictor = tiny_verifier(MeanColoursLogit(), threshold=0.0)
    same = predictor.verify(files[0], files[0])
    assert same.probability == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-5)
    assert "p(same) 88.1 %" in str(same)
    assert same.to_json()["probability"] == same.probability


def test_the_threshold_itself_still_counts_as_the_same(files):
    apart = tiny_verifier().verify(files[0], files[1]).dissimilarity
    assert tiny_verifier(threshold=apart).verify(files[0], files[1]).same
    assert not tiny_verifier(threshold=apart - 1e-6).verify(files[0], files[1]).same


def test_many_pairs_equal_one_by_one_and_each_image_is_read_once(files, monkeypatch):
    predictor, read = tiny_verifier(), []
    front = type(FRONT_END).pixels
    monkeypatch.setattr(
        type(FRONT_END), "pixels", lambda self, raw: (read.append(raw), front(self, raw))[1]
    )
    pairs = [(a, b) for a in files for b in files]
    found = predictor.verify_pairs(pairs)
    assert read == files
    for pair, one in zip(pairs, found, strict=True):
        alone = predictor.verify(*pair)
        assert one.dissimilarity == pytest.approx(alone.dissimilarity, abs=1e-6)
    table = predictor.distances(files, files)
    expected = [one.dissimilarity for one in found]
    assert table.flatten().tolist() == pytest.approx(expected, abs=1e-6)
    assert predictor.distances([], files).shape == (0, 3)
    assert predictor.verify_pairs([]) == []


def test_a_pair_with_a_bad_image_costs_the_others_nothing(files, tmp_path):
    (tmp_path / "bad.png").write_text("no image")
    both = tiny_verifier().in_pairs()
    found = both.each([(files[0], files[1]), (files[0], tmp_path / "bad.png"), (files[2],) * 2])
    assert [type(one).__name__ for one in found] == ["Verification", "BadFile", "Verification"]
    assert found[2].same
    assert both((files[0], files[0])).same
    assert [one.same for one in both([(files[0], files[0])])] == [True]
    with pytest.raises(Missing, match=r"none\.png"):
        both((files[0], "none.png"))


def test_what_cannot_be_used_is_refused(files):
    with pytest.raises(BadInput, match="threshold must be a finite number, got inf"):
        tiny_verifier(threshold=float("inf"))
    broken = tiny_verifier(MeanColours())
    with torch.no_grad():
        broken.model.weight.fill_(float("nan"))
    with pytest.raises(BadInput, match="not finite for this image"):
        broken(files[0])


def test_a_card_without_threshold_takes_the_usual_one_and_says_so_once(files, capsys):
    decision = Decision.from_card({}, "squared L2", "facenet.x")
    predictor = ImageVerifier(MeanColours(), FRONT_END, decision, "facenet.x")
    predictor(files[0])
    assert capsys.readouterr().err == ""
    assert predictor.verify(files[0], files[0]).threshold == 1.1
    predictor.verify(files[0], files[1])
    assert capsys.readouterr().err == (
        "note: the card of facenet.x states no threshold: 1.1 is taken, which FaceNet's paper "
        "gives (fig. 1); --threshold sets another\n"
    )


def test_the_test_vector_is_the_vector():
    predictor = tiny_verifier()
    assert predictor.output_of(predictor.vector_input()).shape == (48,)
    with pytest.raises(BadFile, match="holds no image"):
        predictor.output_of("x")

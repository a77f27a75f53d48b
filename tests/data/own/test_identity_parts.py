"""No identity is in two parts; what is set aside; what is told and refused."""

import pytest

from tests.helpers import identities
from zoo.data.own.identity_parts import divided
from zoo.data.own.image_folder import list_folder
from zoo.errors import BadInput


def read(root, seed=0):
    return divided(list_folder(root, same_classes=False), identities.FRONT_END, seed)


def names(splits):
    return {name: set(part.classes) for name, part in splits.parts().items()}


def test_identities_are_set_aside_and_not_images(tmp_path):
    splits = read(identities.folder(tmp_path / "faces", people=24, images=3))
    found = names(splits)
    assert {name: len(some) for name, some in found.items()} == {"train": 20, "dev": 2, "test": 2}
    assert len(found["train"] | found["dev"] | found["test"]) == 24
    for part in splits.parts().values():
        assert part.labels.bincount().tolist() == [3] * len(part.classes)
        assert all(len(digests) == 2 for digests in part.digests())
    assert splits.notices == (
        "read 72 images of 24 identities: train 60, dev 6, test 6 "
        "(dev and test set aside of train, by identity)",
    )
    assert names(read(tmp_path / "faces")) == found
    assert names(read(tmp_path / "faces", seed=1)) != found


def test_labels_are_those_of_the_images(tmp_path):
    """An image keeps its identity, whatever was set aside."""
    root = identities.folder(tmp_path / "faces", people=8, images=2)
    for part in read(root).parts().values():
        for pixels, label in zip(part.pixels, part.labels, strict=True):
            own = [identities.FRONT_END.pixels(p) for p in (root / part.classes[label]).iterdir()]
            assert any((pixels == one).all() for one in own)


def test_the_users_parts_stay_what_they_are(tmp_path):
    for seed, part in enumerate(("train", "val", "test")):
        identities.folder(tmp_path / "faces" / part, people=3 + seed, images=2, seed=seed)
    splits = read(tmp_path / "faces")
    assert [len(part.classes) for part in splits.parts().values()] == [3, 4, 5]
    assert splits.dev.classes[0] == "p1-00"
    assert splits.notices == ("read 24 images of 12 identities: train 6, dev 8, test 10",)


def test_what_is_missing_is_taken_from_train(tmp_path):
    identities.folder(tmp_path / "faces" / "train", people=6, images=2)
    identities.folder(tmp_path / "faces" / "test", people=2, images=2, seed=1)
    splits = read(tmp_path / "faces")
    assert [len(part.classes) for part in splits.parts().values()] == [4, 2, 2]
    assert "(dev set aside of train, by identity)" in splits.notices[0]


def test_an_identity_with_one_image_is_told_and_trains_nothing(tmp_path):
    root = identities.folder(tmp_path / "faces", people=7, images=2)
    (root / "p0-02" / "1.png").unlink()
    splits = read(root)
    assert "p0-02" in splits.train.classes
    expected = "1 identity has a single image, from which nothing is learned: p0-02"
    assert expected in splits.notices


@pytest.mark.parametrize("people", [1, 5])
def test_too_few_identities_are_refused(tmp_path, people):
    root = identities.folder(tmp_path / "faces", people=people, images=2)
    with pytest.raises(BadInput, match="^train has 1 id" if people == 1 else "^5 identities wi"):
        read(root)


def test_a_part_without_two_images_of_two_identities_is_refused(tmp_path):
    identities.folder(tmp_path / "faces" / "train", people=6, images=2)
    identities.folder(tmp_path / "faces" / "test", people=2, images=1, seed=1)
    with pytest.raises(BadInput, match="test has 0 identities with two images or more; expected 2"):
        read(tmp_path / "faces")

"""The set "alexa": hashes, absence, digits that are other words in training."""

import hashlib
import io
import tarfile
import wave as pcm
import zipfile

import pytest
import torch

from tests.datasets.test_fsdd import archive, whole_set
from zoo.datasets import alexa as module
from zoo.datasets import fsdd
from zoo.datasets.alexa import alexa, spoken_digits
from zoo.errors import BadFile, Missing


def wav(seconds=0.3):
    """Bytes of a little wav file."""
    file = io.BytesIO()
    with pcm.open(file, "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
        out.writeframes(bytes([0, 16]) * round(seconds * 16_000))
    return file.getvalue()


def official(folder, monkeypatch):
    """A set of the official layout, with other clips, and its hashes."""
    place = folder / "trigger_word"
    (place / "background").mkdir(parents=True)
    with zipfile.ZipFile(place / "alexa.zip", "w") as packed:
        for n in range(40):
            packed.writestr(f"alexa/{n:03}.wav", wav())
    with zipfile.ZipFile(place / "other_words.zip", "w") as packed:
        for name in ("computer/a.wav", "computer/b.wav", "computer/c.wav", "x/metadata.csv"):
            packed.writestr(name, wav())
    with tarfile.open(place / "bg_noise-20201215-jarbas.tar.gz", "w:gz") as packed:
        info = tarfile.TarInfo("bg_noise.wav")
        info.size = len(wav(2.0))
        packed.addfile(info, io.BytesIO(wav(2.0)))
    for name in module.KNOWN:
        if name.startswith("background"):
            (place / name).write_bytes(wav(1.0))
    known = {n: hashlib.sha256((place / n).read_bytes()).hexdigest() for n in module.KNOWN}
    monkeypatch.setattr(module, "KNOWN", known)
    monkeypatch.setenv("ZOO_DATA", str(folder))
    monkeypatch.setattr(fsdd, "EACH", 9)
    monkeypatch.setattr(module, "EXTRA_OTHERS", 5)
    archive(folder / "fsdd", whole_set(9, samples=1600))
    return place


def test_the_official_layout_is_read(tmp_path, monkeypatch):
    official(tmp_path, monkeypatch)
    made = alexa()
    assert {name: len(part) for name, part in made.parts().items()} == {
        **{"train": 21, "dev": 1, "test": 8}
    }
    assert made.train.words[0].name == "alexa/000.wav"
    assert made.about()["others"] == {"train": 1, "dev": 1, "test": 1}
    assert sum(len(part.background) for part in made.parts().values()) == 5
    assert len(made.train.extra_others) == 5
    assert not made.dev.extra_others + made.test.extra_others
    assert "5 spoken digits (FSDD)" in made.split
    assert made.digest() == alexa().digest()


def test_damage_and_absence_are_said(tmp_path, monkeypatch):
    place = official(tmp_path, monkeypatch)
    with (place / "other_words.zip").open("ab") as file:
        file.write(b"x")
    with pytest.raises(BadFile, match=r"other_words\.zip is damaged"):
        alexa()
    assert len(spoken_digits()) == 5
    (tmp_path / "fsdd" / "recordings.zip").unlink()
    with pytest.raises(Missing, match=r"no recordings\.zip"):
        spoken_digits()
    (place / "alexa.zip").unlink()
    with pytest.raises(Missing, match=r"alexa\.zip not found in .*Picovoice") as said:
        alexa()
    assert "\n" not in str(said.value)


@pytest.mark.long
def test_the_real_set(zoo_data):
    made = alexa()
    assert [len(part) for part in made.parts().values()] == [200, 42, 63]
    assert [len(part.others) for part in made.parts().values()] == [69, 17, 21]
    assert len(made.train.extra_others) == 900
    assert all(int(clip.name.rpartition("_")[2]) >= 8 for clip in made.train.extra_others)
    clips = [clip for part in made.parts().values() for clip in (*part.words, *part.others)]
    assert len({clip.name for clip in clips}) == len(clips)
    spoken = torch.tensor(
        [(c.end - c.start) / 16_000 for part in made.parts().values() for c in part.words]
    )
    assert 0.5 < spoken.median() < 0.8
    assert (spoken > 0.3).all()
    assert (spoken < 2.0).all()

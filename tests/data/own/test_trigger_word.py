"""The user's word: what is read, what is wrong with a folder."""

import pytest
import torch

from tests.data.audio.test_trigger_recordings import sound
from zoo.data.audio.read import write
from zoo.data.own.trigger_word import own_data
from zoo.errors import BadFile, BadInput, Missing


def own_folder(folder, words=12, others=6, background=16.0, rate=16_000):
    counts = {"word": (words, 0.4), "other": (others, 0.4), "background": (1, background)}
    for kind, (count, seconds) in counts.items():
        (folder / kind).mkdir(parents=True)
        for n in range(count):
            write(folder / kind / f"{n:02}.wav", sound("", seconds, 0.02 * n + 0.02).wave, rate)
    return folder


def test_a_folder_of_ones_own_any_rate_and_either_name(tmp_path):
    made = own_data(own_folder(tmp_path / "mine", rate=8_000, background=33.0))
    assert [len(part) for part in made.parts().values()] == [8, 2, 2]
    assert len(made.train.words[0].wave) == 2 * 6_400  # 0.4 s of "16 kHz" written as 8 kHz
    (tmp_path / "mine" / "other").rename(tmp_path / "mine" / "other_words")
    assert own_data(tmp_path / "mine").digest() == made.digest()
    write(tmp_path / "mine" / "word" / "00.wav", sound("", 0.4, 0.9).wave, 8_000)
    assert own_data(tmp_path / "mine").digest() != made.digest()


def test_each_folder_of_other_words_is_divided_by_itself(tmp_path):
    place = own_folder(tmp_path, others=0, background=33.0) / "other"
    for kind, size in (("cats", 0.3), ("dogs", 0.6)):
        (place / kind).mkdir()
        for n in range(10):
            write(place / kind / f"{n}.wav", sound("", 0.4, size + 0.01 * n).wave, 16_000)
    for part in own_data(tmp_path).parts().values():
        kinds = [clip.name.split("/")[0] for clip in part.others]
        assert kinds.count("cats") == kinds.count("dogs") > 0


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ({"words": 11}, "word has 11 sound files .* expected 12"),
        ({"words": 0}, "word has 0 sound files"),
        ({"others": 5}, "other has 5 sound files .* expected 6"),
        ({"background": 3.0}, "background has 3.0 s of sound; expected 15 s"),
    ],
)
def test_too_little_is_said_in_one_line(tmp_path, sizes, reason):
    with pytest.raises(BadInput, match=reason) as said:
        own_data(own_folder(tmp_path / "mine", **sizes))
    assert "\n" not in str(said.value)


def test_a_folder_without_background_or_without_anything(tmp_path):
    folder = own_folder(tmp_path / "mine")
    (folder / "background" / "00.wav").unlink()
    (folder / "background" / "notes.txt").write_text("no sound")
    with pytest.raises(BadInput, match="background has 0 sound files"):
        own_data(folder)
    (folder / "background" / "notes.txt").unlink()
    (folder / "background").rmdir()
    with pytest.raises(Missing, match="no folder background; expected word/, other/"):
        own_data(folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(Missing, match="no folder word"):
        own_data(tmp_path / "empty")
    with pytest.raises(Missing, match="nowhere is no folder"):
        own_data(tmp_path / "nowhere")


def test_bad_clips_are_named(tmp_path):
    folder = own_folder(tmp_path / "mine")
    (folder / "word" / "03.wav").write_text("no sound")
    with pytest.raises(BadFile, match=r"03\.wav"):
        own_data(folder)
    write(folder / "word" / "03.wav", torch.zeros(0), 16_000)
    with pytest.raises(BadFile, match=r"03\.wav has no samples"):
        own_data(folder)


def test_what_was_read_and_left_out_is_told(tmp_path):
    folder = own_folder(tmp_path / "mine")
    (folder / "word" / "00.wav").rename(folder / "word" / "00")  # no suffix: sound all the same
    (folder / "word" / "notes.txt").write_text("no sound")
    (folder / "other" / ".DS_Store").write_text("?")
    assert own_data(folder).notices == (
        "read 12 clips of the word, 6 of other words and 16 s of background; of the word: train 8, "
        "dev 2, test 2 (dev and test set aside by names)",
        "left out: no sound (1: notes.txt); hidden (1: .DS_Store)",
    )


def test_files_that_cannot_be_used_are_named_at_once_or_left_out(tmp_path):
    folder = own_folder(tmp_path / "mine", words=13, others=7)
    (folder / "word" / "03.wav").write_bytes(b"no sound")
    (folder / "other" / "call.m4a").write_bytes(b"\0\0\0\x20ftypM4A \0\0\0\0")
    with pytest.raises(BadFile, match=r"2 of 22 files cannot be used: .*03\.wav.*; .*call\.m4a"):
        own_data(folder)
    made = own_data(folder, skip_bad=True)
    assert sum(len(part) for part in made.parts().values()) == 12
    assert made.notices[1].startswith("left out 2 of 22 files that cannot be used: ")
    (folder / "word" / "04.wav").write_bytes(b"no sound")
    with pytest.raises(BadInput, match="word has 11 sound files"):
        own_data(folder, skip_bad=True)

"""Clips are divided by name, background by file: nothing is in two splits."""

import pytest
import torch

from zoo.data.audio.trigger_recordings import (
    Clip,
    Sounds,
    joined,
    split_background,
    split_clips,
    split_ranges,
)


def sound(name, seconds, size=0.1, rate=16_000):
    wave = size * torch.sin(torch.arange(round(seconds * rate)) * 0.1)
    return Clip(name, wave, 0, len(wave))


@pytest.mark.parametrize("count", [3, 12, 100, 315])
@pytest.mark.parametrize("border", [0, 5])
def test_blocks_do_not_touch(count, border):
    cut = split_ranges(count, border if count > 60 else 0)
    rows = [set(range(*cut[name])) for name in ("train", "dev", "test")]
    assert sum(map(len, rows)) == len(set.union(*rows))
    assert all(rows)
    assert max(rows[2]) == count - 1
    if border and count > 60:
        assert min(rows[1]) - max(rows[0]) == min(rows[2]) - max(rows[1]) == border + 1
    else:
        assert set.union(*rows) == set(range(count))


def test_whole_files_of_background_go_to_one_split_each():
    files = [sound(f"{n}", 0.1 * (n + 1)) for n in range(13)]
    dealt = split_background(files)
    names = [clip.name for part in dealt.values() for clip in part]
    assert sorted(names) == sorted(f"{n}" for n in range(13))
    shares = [sum(len(clip.wave) for clip in part) for part in dealt.values()]
    assert shares[0] > 0.5 * sum(shares)
    assert min(shares) > 0.1 * sum(shares)
    assert [len(part) for part in split_background(files[:3]).values()] == [1, 1, 1]


def test_one_or_two_files_are_cut_in_three():
    dealt = split_background([sound("a", 1.0), sound("b", 0.5)])
    assert [sum(len(clip.wave) for clip in part) for part in dealt.values()] == [14400, 4800, 4800]
    assert [clip.name for clip in dealt["dev"]] == ["a, part 2", "b, part 2"]
    again = torch.cat([dealt[name][0].wave for name in ("train", "dev", "test")])
    assert torch.equal(again, sound("a", 1.0).wave)


def test_kinds_of_other_words_are_divided_each_by_itself():
    others = [sound(f"{kind}/{n}", 0.1) for kind in ("computer", "hey") for n in range(10)]
    words = [sound(f"{n}", 0.1) for n in range(20)]
    made = split_clips("x", "l", "w", words, others, [sound("b", 1)])
    for part in made.parts().values():
        assert {clip.name.split("/")[0] for clip in part.others} == {"computer", "hey"}
    names = [clip.name for part in made.parts().values() for clip in part.others]
    assert len(names) == len(set(names)) == 20
    assert "train: 0 to 12 (13 clips)" in made.split


def test_joined_parts_have_all_clips_of_each_kind():
    kinds = [tuple(Clip(f"{kind}{n}", torch.zeros(4), 0, 4) for n in range(2)) for kind in "wobe"]
    parts = [Sounds(*(clips[n : n + 1] for clips in kinds)) for n in range(2)]
    assert vars(joined(parts)) == vars(Sounds(*kinds))

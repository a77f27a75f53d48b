"""The user's speech: how it is divided, what is refused."""

import json

import pytest
import torch

from tests.helpers.speech import manifest, say
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.read import write
from zoo.data.audio.utterances import character_vocabulary
from zoo.data.own.speech_recognition import own_data
from zoo.errors import BadFile, BadInput

FRONT_END = LogMel(sample_rate=8000, win_length=200, hop_length=80, n_fft=256, n_mels=10)


def test_many_speakers_are_divided_and_nobody_is_on_both_sides(tmp_path):
    splits = own_data(manifest(tmp_path, count=30, speakers=10), FRONT_END)
    voices = [set(part.speakers) for part in splits.parts().values()]
    assert [len(v) for v in voices] == [8, 1, 1]
    assert not voices[0] & voices[1] | voices[0] & voices[2] | voices[1] & voices[2]
    assert sum(len(part) for part in splits.parts().values()) == 30


@pytest.mark.parametrize("speakers", [0, 3])
def test_few_or_unknown_speakers_leave_recordings_to_be_divided(tmp_path, speakers):
    splits = own_data(manifest(tmp_path, count=20, speakers=speakers), FRONT_END)
    assert [len(part) for part in splits.parts().values()] == [16, 2, 2]
    names = [name for part in splits.parts().values() for name in part.names]
    assert len(set(names)) == 20


def test_who_is_heard_on_both_sides_is_told(tmp_path):
    few = own_data(manifest(tmp_path / "few", count=20, speakers=3), FRONT_END)
    assert "heard in train and in dev or test: " in " ".join(few.notices)
    many = own_data(manifest(tmp_path / "many", count=30, speakers=10), FRONT_END)
    assert "heard in" not in " ".join(many.notices)
    path = manifest(tmp_path / "gap", count=30, speakers=10)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    del lines[-1]["speaker"]  # who may be anyone
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert "heard in train and in dev or test: " in " ".join(own_data(path, FRONT_END).notices)


def test_a_character_that_no_card_may_hold_is_refused(tmp_path):
    path = manifest(tmp_path, count=20)
    path.write_text(path.read_text().replace('"text": "', '"text": "\\u001b', 1))
    with pytest.raises(BadInput, match="control character"):
        own_data(path, FRONT_END)


def test_a_folder_is_divided_as_its_manifests_say(tmp_path):
    manifest(tmp_path, "train.jsonl", 10)
    manifest(tmp_path, "test.jsonl", 4, seed=1)
    splits = own_data(tmp_path, FRONT_END)
    assert [len(part) for part in splits.parts().values()] == [9, 1, 4]
    assert all("test_" in name for name in splits.test.names)
    (tmp_path / "train.jsonl").unlink()
    with pytest.raises(BadInput, match="nothing to train on"):
        own_data(tmp_path, FRONT_END)


def test_recordings_are_resampled_to_the_front_end(tmp_path):
    splits = own_data(manifest(tmp_path, count=6, rate=16000), FRONT_END)
    whole = torch.cat([part.samples for part in splits.parts().values()])
    assert splits.train.rate == 8000
    assert abs(len(whole) / 8000 - sum(json.loads(line)["duration"] for line in
               (tmp_path / "all.jsonl").read_text().splitlines())) < 0.01  # fmt: skip


def test_what_cannot_be_learnt_from_is_said(tmp_path):
    with pytest.raises(BadInput, match="2 recordings are too few"):
        own_data(manifest(tmp_path / "few", count=2, speakers=0), FRONT_END)
    manifest(tmp_path, "train.jsonl", 8)
    path = manifest(tmp_path, "dev.jsonl", 3, seed=2)
    path.write_text(path.read_text().replace('"text": "', '"text": "é', 1))
    with pytest.raises(
        BadInput, match=r"dev.jsonl line 1: dev_0.wav has the character 'é', which no tr"
    ):
        own_data(tmp_path, FRONT_END)
    write(tmp_path / "long.wav", torch.zeros(31 * 8000), 8000)
    line = {"audio_filepath": "long.wav", "duration": 31, "text": "ab"}
    (tmp_path / "long.jsonl").write_text(3 * (json.dumps(line) + "\n"))
    with pytest.raises(BadInput, match="named on line 1 already"):
        own_data(tmp_path / "long.jsonl", FRONT_END)
    others = "".join(f"{t}\n" for t in path.read_text().splitlines()[1:])
    (tmp_path / "long.jsonl").write_text(json.dumps(line) + "\n" + others)
    with pytest.raises(BadInput, match=r"long.wav has 31.0 s; cut it into pieces"):
        own_data(tmp_path / "long.jsonl", FRONT_END)


def test_a_duration_that_is_wrong_is_a_wrong_manifest(tmp_path):
    path = manifest(tmp_path, count=8)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[2]["duration"] = 99
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(BadInput, match=r"all_2.wav has 0\.\d+ s, .*all\.jsonl line 3 says 99"):
        own_data(path, FRONT_END)


def spoken(folder, texts, speakers):
    """A manifest of short recordings."""
    write(folder / "tone.wav", say("ab"), 8000)
    lines = []
    for n, (text, who) in enumerate(zip(texts, speakers, strict=True)):
        (folder / f"{n}.wav").write_bytes((folder / "tone.wav").read_bytes())
        lines.append({"audio_filepath": f"{n}.wav", "duration": 0.3, "text": text, "speaker": who})
    (folder / "m.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder / "m.jsonl"


def test_one_who_recorded_nearly_all_is_trained_on(tmp_path):
    for most in "af":  # wherever the name stands
        speakers = [most] * 45 + [name for name in "abcdef" if name != most]
        parts = own_data(spoken(tmp_path, ["ab"] * 50, speakers), FRONT_END).parts()
        assert set(parts["train"].speakers) == {most}
        assert sorted(len(part) for part in parts.values()) == [2, 3, 45]
    speakers = ["a"] * 20 + ["b"] * 20 + ["c"] * 20 + ["d"] * 20 + ["e"] * 20
    parts = own_data(spoken(tmp_path, ["ab"] * 100, speakers), FRONT_END).parts()
    assert [len(part) for part in parts.values()] == [60, 20, 20]


def test_a_character_that_occurs_once_is_trained_on(tmp_path):
    texts = ["ab"] * 29 + ["quiz"]
    for place in range(0, 30, 5):
        texts[place], texts[29] = texts[29], texts[place]
        splits = own_data(spoken(tmp_path, texts, [None] * 30), FRONT_END)
        assert "quiz" in splits.train.texts
        assert [len(part) for part in splits.parts().values()] == [24, 3, 3]
        texts[place], texts[29] = texts[29], texts[place]


def test_a_recording_in_two_manifests_is_refused(tmp_path):
    path = spoken(tmp_path, ["ab"] * 5, [None] * 5)
    for name in ("train", "test"):
        (tmp_path / f"{name}.jsonl").write_text(path.read_text())
    with pytest.raises(BadInput, match=r"test.jsonl line 1: .*0.wav is named in .*train.jsonl li"):
        own_data(tmp_path, FRONT_END)


def test_a_recording_of_less_than_a_frame_is_refused_by_name(tmp_path):
    path = spoken(tmp_path, ["ab"] * 5, [None] * 5)
    write(tmp_path / "2.wav", torch.zeros(96), 8000)
    with pytest.raises(BadInput, match=r"m.jsonl line 3: .*2.wav has 12 ms, expected 30 or more"):
        own_data(path, FRONT_END)


def test_an_accent_is_one_character_however_it_is_typed(tmp_path):
    texts = ["caf\u00e9", "cafe\u0301"] * 5
    splits = own_data(spoken(tmp_path, texts, [None] * 10), FRONT_END)
    assert splits.vocabulary.words[1:] == (" ", "a", "c", "f", "\u00e9")


def test_weights_keep_their_labels_and_their_normalisation(tmp_path):
    path = manifest(tmp_path, count=8)
    labels = character_vocabulary(["abcdef"])
    splits = own_data(path, FRONT_END, labels)
    assert splits.vocabulary is labels
    assert splits.front_end == FRONT_END
    with pytest.raises(BadInput, match="has the character 'c'"):
        own_data(path, FRONT_END, character_vocabulary(["ab"]))


def test_words_are_tones_of_their_own():
    assert len(say("ab cd")) == len(say("cd ba")) == 8000 * 55 // 100


def talk(folder, seconds=12, rate=8000, name="talk.wav"):
    """A long recording in which each second has a level of its own."""
    wave = torch.cat([torch.full((rate,), (n + 1) / 100) for n in range(seconds)])
    write(folder / name, wave, rate)
    return wave


def segments(folder, records):
    path = folder / "m.jsonl"
    path.write_text("".join(json.dumps({"text": "ab", **one}) + "\n" for one in records))
    return path


@pytest.mark.parametrize("rate", [8000, 16_000])
def test_segments_of_a_recording_are_the_sound_that_is_meant(tmp_path, rate):
    talk(tmp_path, rate=rate)
    records = [
        {"audio_filepath": "talk.wav", "offset": n, "duration": 1, "speaker": n % 2}
        for n in range(11)
    ]
    records.append({"audio_filepath": "talk.wav", "offset": 11})
    splits = own_data(segments(tmp_path, records), FRONT_END)
    heard = {}
    for part in splits.parts().values():
        for i in range(len(part)):
            assert len(part.wave(i)) == 8000
            heard[part.name(i)] = float(part.wave(i)[1000:7000].mean())
    assert len(heard) == 12
    for n in range(12):
        assert abs(heard[f"{tmp_path / 'talk.wav'} at {n} s"] - (n + 1) / 100) < 1e-3
    assert splits.notices[0].startswith("read 12 recordings (0.2 minutes): train 10, dev 1, test 1")


def test_segments_of_one_file_stay_together(tmp_path):
    names = [f"{n}.wav" for n in range(10)]
    for name in names:
        talk(tmp_path, 4, name=name)
    records = [
        {"audio_filepath": name, "offset": 2 * n, "duration": 2, "lang": "en"}
        for name in names
        for n in (0, 1)
    ]
    splits = own_data(segments(tmp_path, records), FRONT_END)
    files = [{name.split(" at ")[0] for name in part.names} for part in splits.parts().values()]
    assert [len(one) for one in files] == [8, 1, 1]
    assert len(set.union(*files)) == 10
    assert splits.notices[1] == "fields of the manifest that are not used: lang"


def test_a_segment_that_is_not_there_is_refused(tmp_path):
    talk(tmp_path)
    talk(tmp_path, name="other.wav")
    good = [{"audio_filepath": "talk.wav", "offset": n, "duration": 1} for n in range(8)]
    for bad, said in (
        ({"offset": 11, "duration": 3}, "has 1.00 s from there to its end, not 3.00"),
        ({"offset": 20, "duration": 3}, "has 0.00 s from there to its end"),
        ({"offset": 20}, "has 0 ms, expected 30"),
        ({"duration": 3}, "has 12.00 s, .* says 3.00; .*or offset 0 for its first 3 s"),
        ({"duration": 30}, r"has 12.00 s, .* says 30.00; is it the recording"),
    ):
        with pytest.raises(BadInput, match=said):
            own_data(segments(tmp_path, [*good, {"audio_filepath": "other.wav", **bad}]), FRONT_END)


def test_a_folder_has_its_splits_under_usual_names(tmp_path):
    for name, count in (("Train.json", 8), ("validation.json", 3), ("TEST.jsonl", 2)):
        manifest(tmp_path, name, count, seed=count)
    splits = own_data(tmp_path, FRONT_END)
    assert [len(part) for part in splits.parts().values()] == [8, 3, 2]
    manifest(tmp_path, "dev.jsonl", 3)
    with pytest.raises(BadInput, match="both mean dev"):
        own_data(tmp_path, FRONT_END)


# what cannot be used, and what is told


def test_recordings_that_cannot_be_used_are_named_at_once_or_left_out(tmp_path):
    path = manifest(tmp_path, count=20, speakers=0)
    for number in (3, 7):
        (tmp_path / f"all_{number}.wav").write_bytes(b"no sound")
    with pytest.raises(BadFile, match=r"2 of 20 recordings cannot be used: .*all_3.*; .*all_7"):
        own_data(path, FRONT_END)
    splits = own_data(path, FRONT_END, skip_bad=True)
    assert sum(len(part) for part in splits.parts().values()) == 18
    assert any(line.startswith("left out 2 of 20 recordings") for line in splits.notices)


def test_lines_that_cannot_be_used_are_named_at_once_or_left_out(tmp_path):
    path = manifest(tmp_path, count=20, speakers=0)
    lines = path.read_text().splitlines()
    lines[4], lines[9] = "no JSON", lines[9].replace("all_9.wav", "none.wav")
    path.write_text("\n".join(lines))
    said = "2 of 20 recordings cannot be used: .*line 5: .*; .*line 10: there is no file"
    with pytest.raises(BadInput, match=said):
        own_data(path, FRONT_END)
    splits = own_data(path, FRONT_END, skip_bad=True)
    assert sum(len(part) for part in splits.parts().values()) == 18
    assert splits.notices[0].startswith("read 18 recordings (")
    assert splits.notices[-1] == "sound is resampled to 8,000 Hz"


def test_the_text_of_a_recording_that_is_left_out_counts_nowhere(tmp_path):
    path = manifest(tmp_path, count=20, speakers=0)
    odd = {"audio_filepath": "odd.wav", "text": "quiz\x07", "channel_no": 1, "speaker": "z"}
    (tmp_path / "odd.wav").write_bytes(b"no sound")
    path.write_text(f"{path.read_text()}{json.dumps(odd)}\n")
    splits = own_data(path, FRONT_END, skip_bad=True)
    assert "q" not in splits.vocabulary
    assert not any("not used" in line for line in splits.notices)


def test_a_manifest_of_which_nothing_can_be_used_is_said(tmp_path):
    (tmp_path / "m.jsonl").write_text("no JSON\n")
    with pytest.raises(BadInput, match=r"m\.jsonl has no recording that can be used"):
        own_data(tmp_path / "m.jsonl", FRONT_END, skip_bad=True)

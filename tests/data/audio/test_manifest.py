"""Manifests: what is read, every line that is refused and how, and the way back."""

import json
import os
from pathlib import Path

import pytest

from zoo.data.audio.manifest import Recording, read_manifest, write_manifest
from zoo.errors import BadFile, BadInput, CannotWrite, Missing

GOOD = {"audio_filepath": "clips/a.wav", "duration": 1.5, "text": "seven two"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "clips").mkdir()
    for name in "abc":
        (tmp_path / "clips" / f"{name}.wav").touch()
    return tmp_path


def manifest(folder, *lines):
    path = folder / "train.json"
    path.write_text(
        "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    )
    return path


def test_the_fields_and_the_order_are_kept(folder):
    second = {"audio_filepath": str(folder / "clips/b.wav"), "duration": 2, "text": "", "x": [1]}
    path = manifest(folder, GOOD | {"speaker": "jo"}, "", "  ", second | {"speaker": None})
    assert read_manifest(path) == [
        Recording(folder / "clips/a.wav", 1.5, "seven two", "jo", 1),
        Recording(folder / "clips/b.wav", 2.0, "", None, 4),
    ]
    assert read_manifest(str(path)) == read_manifest(path)


def test_windows_line_ends_and_a_byte_order_mark_are_read(folder):
    path = folder / "m.json"
    line = json.dumps(GOOD | {"text": "größer 七"}, ensure_ascii=False)
    path.write_bytes(b"\xef\xbb\xbf" + line.encode() + b"\r\n\r\n")
    assert read_manifest(path)[0].text == "größer 七"


def without(name):
    return {key: value for key, value in GOOD.items() if key != name}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{not json", "Expecting property name"),
        ('{"audio_filepath": "clips/b.wav"', "expected a JSON object a line"),
        ("[1, 2]", r"expected a JSON object, got \[1, 2\]"),
        ('"' + "x" * 100 + '"', r"got 'x{36}\.\.\."),
        ("[" * 100_000, "expected a JSON object a line"),
        ('{"text": "a", "text": "b"}', "field 'text' is given twice"),
        (
            without("audio_filepath"),
            "has no audio_filepath, but 'duration', 'text'; ex",
        ),
        (without("text"), "has no text, but 'audio_filepath'"),
        (GOOD | {"text": 7}, "text 7; expected text in quotes"),
        (GOOD | {"text": None}, "has no text"),
        (without("text") | {"sentence": "a"}, "has no text, but .*'sentence'"),
        (GOOD | {"text": "half \ud800 a character"}, "expected text in quotes"),
        (GOOD | {"audio_filepath": 7}, "audio_filepath 7; expected text"),
        (GOOD | {"speaker": 7.5}, "speaker 7.5; expected text"),
        (GOOD | {"speaker": True}, "speaker True; expected text"),
        (GOOD | {"offset": -1}, "offset -1; expected seconds 0 or more"),
        (GOOD | {"offset": "1.5"}, "offset '1.5'"),
        (GOOD | {"offset": True}, "offset True"),
        (GOOD | {"offset": float("nan")}, "offset nan"),
        (GOOD | {"offset": 1.0}, "clips/a.wav at 1 s is named on line 1 already"),
        (GOOD | {"start_time": 3}, "has 'start_time', which is not obeyed; write offset and dur"),
        (GOOD | {"End": 3}, "has 'End', which is not obeyed"),
        (GOOD | {"offset_ms": 3}, "has 'offset_ms', which is not obeyed"),
        (GOOD | {"channel_selector": 1}, "'channel_selector', .*a file that holds this sound"),
        (GOOD | {"channel": 0}, "has 'channel'"),
        (GOOD | {"label": "yes"}, "has 'label', which is not obeyed; write text"),
        (GOOD | {"_skipme": 1}, "take the line out"),
        (GOOD | {"Duration": 2}, "has 'Duration'; is duration meant"),
        (GOOD | {"audioFilepath": "x"}, "is audio_filepath meant"),
        (GOOD | {"duration": 0}, "duration 0; expected seconds above 0"),
        (GOOD | {"duration": -1.5}, "duration -1.5"),
        (GOOD | {"duration": float("nan")}, "duration nan"),
        (GOOD | {"duration": float("inf")}, "duration inf"),
        (GOOD | {"duration": 10**400}, "duration 10{36}"),
        (GOOD | {"duration": True}, "duration True"),
        (GOOD | {"duration": "1.5"}, "duration '1.5'"),
        (GOOD, "clips/a.wav is named on line 1 already"),
        (GOOD | {"audio_filepath": "clips/../clips/a.wav"}, "is named on line 1 already"),
    ],
)
def test_a_bad_line_is_named(folder, line, message):
    path = manifest(folder, GOOD, "", line)
    with pytest.raises(BadInput, match=message) as got:
        read_manifest(path)
    assert str(got.value).startswith(f"{path} line 3: ")
    assert "\n" not in str(got.value)


@pytest.mark.parametrize("name", ["clips/nowhere.wav", "clips", "", "a\0b", "x" * 5000])
def test_a_recording_that_is_not_there_is_named_with_its_line(folder, name):
    path = manifest(folder, GOOD, GOOD | {"audio_filepath": name})
    with pytest.raises(Missing, match="there is no file") as got:
        read_manifest(path)
    assert str(got.value).startswith(f"{path} line 2: ")


def test_a_manifest_that_is_no_manifest_is_named(folder):
    with pytest.raises(Missing, match="there is no file .*expected a manifest"):
        read_manifest(folder / "nowhere.json")
    with pytest.raises(BadFile, match="is a folder; expected a manifest"):
        read_manifest(folder / "clips")
    with pytest.raises(BadInput, match="names no recordings"):
        read_manifest(manifest(folder, "", " "))
    (folder / "latin").write_bytes(b'{"text": "gr\xf6"}')
    with pytest.raises(BadFile, match="is not UTF-8"):
        read_manifest(folder / "latin")


def test_what_is_written_is_read_again_and_can_be_moved(folder, tmp_path_factory):
    far = tmp_path_factory.mktemp("far") / "d.wav"
    far.touch()
    items = [
        Recording(folder / "clips/a.wav", 0.1, 'a "quoted" ü'),
        Recording(far, 3.25, "", "jo"),
    ]
    path = folder / "m.json"
    write_manifest(path, items)
    again = read_manifest(path)
    assert [(r.audio, r.duration, r.text, r.speaker) for r in again] == [
        (r.audio, r.duration, r.text, r.speaker) for r in items
    ]
    assert json.loads(path.read_text().splitlines()[0])["audio_filepath"] == "clips/a.wav"
    moved = folder.rename(folder.with_name("moved"))
    assert read_manifest(moved / "m.json")[0].audio == moved / "clips/a.wav"
    with pytest.raises(CannotWrite):
        write_manifest(moved / "no" / "m.json", items)


def test_a_duration_may_be_missing_and_a_speaker_may_be_a_number(folder):
    path = manifest(folder, without("duration") | {"speaker": 7, "channel": None})
    assert read_manifest(path) == [Recording(folder / "clips/a.wav", None, "seven two", "7", 1)]


def test_segments_of_a_file_are_recordings_and_the_same_sound_is_not_named_twice(folder):
    segments = [GOOD | {"offset": n * 1.5, "text": str(n)} for n in range(4)]
    found = read_manifest(manifest(folder, *segments))
    assert [(one.offset, one.duration, one.text) for one in found] == [
        (n * 1.5, 1.5, str(n)) for n in range(4)
    ]
    assert found[2].name.endswith("clips/a.wav at 3 s")
    read_manifest(manifest(folder, *segments, GOOD | {"offset": 5.5}))  # overlaps a little
    for twice in (GOOD, GOOD | {"offset": 3.1}, GOOD | {"offset": 0.0, "duration": 9}):
        with pytest.raises(BadInput, match="line 5: .*a.wav.* already"):
            read_manifest(manifest(folder, *segments, twice))
    rest = {key: value for key, value in segments[1].items() if key != "duration"}
    with pytest.raises(BadInput, match="line 2 already"):
        read_manifest(manifest(folder, GOOD | {"offset": 0}, rest, GOOD | {"offset": 40}))


def test_of_thousands_of_segments_only_those_nearby_are_compared(folder, monkeypatch):
    compared, shares = [], Recording.shares

    def counted(one, other):
        compared.append(other)
        return shares(one, other)

    monkeypatch.setattr(Recording, "shares", counted)
    segments = [GOOD | {"offset": n * 1.2, "duration": 1.5} for n in range(1000)]
    read_manifest(manifest(folder, *segments[::2], *segments[1::2]))
    assert 999 <= len(compared) < 5000
    with pytest.raises(BadInput, match="line 1001: .*at 600.1 s is named on line 251 already"):
        read_manifest(manifest(folder, *segments[::2], *segments[1::2], GOOD | {"offset": 600.1}))


def test_what_is_not_used_is_kept_to_be_told(folder):
    path = manifest(folder, GOOD | {"lang": "en", "pnc": "yes", "shard_id": 3})
    assert read_manifest(path)[0].unused == ("lang", "pnc", "shard_id")


def test_segments_are_written_and_read_again(folder):
    items = [Recording(folder / "clips/a.wav", n, "x", None, offset=2.0 * n) for n in (1.0, 2.0)]
    write_manifest(folder / "m.json", items)
    again = read_manifest(folder / "m.json")
    assert [(r.audio, r.offset, r.duration) for r in again] == [
        (r.audio, r.offset, r.duration) for r in items
    ]
    assert "speaker" not in (folder / "m.json").read_text()


def test_paths_in_a_stream_start_in_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "a.wav").touch()
    monkeypatch.chdir(tmp_path)
    out, into = os.pipe()
    os.write(into, b'{"audio_filepath": "a.wav", "text": "one"}\n')
    os.close(into)
    [one] = read_manifest(Path(f"/dev/fd/{out}"))
    os.close(out)
    assert one.audio == Path("a.wav")

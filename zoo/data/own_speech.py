"""Speech of one's own, from manifests: train, dev and test in memory, with features and labels.

A manifest (zoo/data/manifest.py) is divided here: by speakers if it names at least five, so that
nobody is heard on both sides, else by recordings; a tenth each goes to dev and test. A folder with
train.jsonl, and perhaps dev.jsonl and test.jsonl, is divided already; a tenth of train stands in
for what is missing. Proof: tests/data/test_own_speech.py.
"""

from dataclasses import replace
from pathlib import Path

from zoo.data.audio import read
from zoo.data.manifest import Recording, read_manifest
from zoo.data.splits import divide
from zoo.data.utterances import BLANK, Utterances, UtteranceSplits, spelled, split_of
from zoo.data.vocabulary import Vocabulary
from zoo.errors import BadInput, Missing
from zoo.ops.audio import LogMel

SPLITS = ("train", "dev", "test")
BY_SPEAKER = 5  # speakers from which on they are divided
SHARE = 10  # one in so many goes to dev, and one to test
LONGEST = 30.0  # seconds of an utterance: what is longer must be cut where its text is known
AMISS = 0.5  # seconds by which a manifest's duration may be wrong, or a tenth
LICENCE = "the user's own"
FRONT_END = LogMel(rate=16_000, bands=80)  # the rate of most speech; others are resampled


def own_speech(
    path: Path, front_end: LogMel = FRONT_END, vocabulary: Vocabulary | None = None
) -> UtteranceSplits:
    """All recordings of a manifest or a folder of manifests.

    Args:
        front_end: recordings are resampled to its rate.
        vocabulary: of weights that are gone on from; then ``front_end`` stays as it is.

    Raises:
        Missing, BadFile, BadInput: as ``read_manifest`` and ``zoo.data.audio.read``; for fewer than
            three recordings, one longer than 30 s, and a character that ``vocabulary`` lacks.
    """
    found = manifests(path)
    parts = {k: utterances(found[k], front_end.rate) for k in SPLITS}
    splits = split_of(path.stem, LICENCE, parts, front_end, vocabulary)
    for name in SPLITS:
        refuse_unknown(found[name], splits.vocabulary, path)
    return splits


def manifests(path: Path) -> dict[str, list[Recording]]:
    """Train, dev and test of what is at ``path``."""
    if not path.is_dir():
        found = {"train": read_manifest(path)}
    else:
        files = {name: path / f"{name}.jsonl" for name in SPLITS}
        found = {name: read_manifest(file) for name, file in files.items() if file.is_file()}
        if "train" not in found:
            raise Missing(f"no train.jsonl in {path}; expected a manifest, a JSON object a line")
    missing = [name for name in SPLITS if name not in found]
    return found | divided(found["train"], missing) if missing else found


def divided(recordings: list[Recording], missing: list[str]) -> dict[str, list[Recording]]:
    """Some recordings as train and the splits that are missing."""
    speakers = sorted({one.speaker for one in recordings if one.speaker is not None})
    known = all(one.speaker is not None for one in recordings)
    units: list[object] = list(range(len(recordings)))
    of: list[object] = list(units)
    if known and len(speakers) >= BY_SPEAKER:
        units, of = list(speakers), [one.speaker for one in recordings]
    if len(units) <= len(missing):
        raise BadInput(f"{len(units)} recordings are too few to train and test on")
    size = max(len(units) // SHARE, 1)
    dealt = divide(len(units), {"train": 0, **dict.fromkeys(missing, size)})
    chosen = {name: {units[i] for i in index.tolist()} for name, index in dealt.items()}
    return {
        name: [one for one, unit in zip(recordings, of, strict=True) if unit in mine]
        for name, mine in chosen.items()
    }


def utterances(recordings: list[Recording], rate: int) -> Utterances:
    """Recordings in memory, at ``rate`` Hz."""
    waves = []
    for one in recordings:
        wave, _ = read(one.audio, rate)
        if len(wave) > LONGEST * rate:
            seconds = f"{len(wave) / rate:.1f} s"
            raise BadInput(f"{one.audio} has {seconds}; cut it into pieces of at most {LONGEST} s")
        _refuse_other_length(one, len(wave) / rate)
        waves.append(wave)
    texts = [one.text for one in recordings]
    speakers = [one.speaker or "somebody" for one in recordings]
    made = Utterances.of(waves, texts, speakers, rate)
    return replace(made, names=tuple(str(one.audio) for one in recordings))


def _refuse_other_length(one: Recording, seconds: float) -> None:
    """A manifest that is wrong about a duration may be wrong about the text too."""
    if abs(one.duration - seconds) > max(AMISS, 0.1 * seconds):
        raise BadInput(
            f"{one.audio} has {seconds:.2f} s, line {one.line} of its manifest says "
            f"{one.duration:.2f}; is it the recording that is meant?"
        )


def refuse_unknown(recordings: list[Recording], vocabulary: Vocabulary, path: Path) -> None:
    """Characters that there is no label for are an error, not left out in silence."""
    for one in recordings:
        for character in spelled(one.text):
            if character not in vocabulary or character == BLANK:
                where = f"{path} line {one.line}: {one.audio.name}"
                raise BadInput(
                    f"{where} has the character {character!r}, which no training text has; spell "
                    "it otherwise"
                )

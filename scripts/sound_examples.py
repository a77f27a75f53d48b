"""Sounds to try the speech networks on, made from the data sets: nothing of them is kept here.

python scripts/sound_examples.py FOLDER        # $ZOO_DATA holds fsdd/ and trigger_word/
"""

import json
import sys
from pathlib import Path

from zoo.data.audio.manifest import Recording, write_manifest
from zoo.data.audio.read import write
from zoo.data.audio.trigger_recordings import RATE
from zoo.data.audio.trigger_streams import Bank, keyword_streams
from zoo.datasets.alexa import alexa
from zoo.datasets.fsdd import fsdd
from zoo.engine.seed import generator
from zoo.files import write as write_text

DIGITS, SNR = 6, (20.0, 10.0)  # strings of digits; dB of the two streams with "alexa"


def main(folder: Path) -> list[Path]:
    """Strings of test digits with a manifest, test words in background with their times."""
    folder.mkdir(parents=True, exist_ok=True)
    test, made = fsdd().test, []
    for i in range(DIGITS):
        path = folder / f"digits_{i + 1}.wav"
        write(path, test.wave(i), test.rate)
        seconds = int(test.lengths[i]) / test.rate
        made.append(Recording(path, seconds, test.texts[i], test.speakers[i]))
    write_manifest(folder / "digits.jsonl", made)
    bank, times = Bank(alexa().test), {}
    for snr in SNR:
        streams = keyword_streams(bank, snr, 1, generator("sound examples", round(snr)))
        path = folder / f"alexa_{snr:.0f}dB.wav"
        write(path, streams.waves[0], RATE)
        times[path.name] = [round(end, 2) for end in streams.ends[0]]
    write_text(folder / "alexa.json", json.dumps(times, indent=1) + "\n")
    return sorted(folder.iterdir())


if __name__ == "__main__":
    print(*main(Path(sys.argv[1])), sep="\n")

"""The n-gram model of the texts that a speech model was trained on, and what it is worth.

The words that the user's recordings say are those that will be said again: a beam search with
their language model makes real words of letters that are nearly right. Whether it is better is
measured on dev, with the decoder's own weights: nothing is tuned.
Proof: tests/tasks/test_speech_text_model.py.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from zoo.data.audio.utterances import normalised_text
from zoo.data.text.vocabulary import Vocabulary
from zoo.decoding import arpa
from zoo.decoding.kneser_ney import train
from zoo.errors import BadInput
from zoo.predictors.speech_decoder import ALPHA, BETA, ENDING, CTCDecoder, Options, with_own


@dataclass(frozen=True)
class TextModel:
    """A language model of some texts, and word errors in percent on held-out utterances."""

    arpa: bytes
    decoder: CTCDecoder  # with it
    texts: int
    without: float = 0.0
    with_it: float = 0.0
    chosen_on: int = 0  # utterances

    @property
    def used(self) -> bool:
        """Whether it is better than none."""
        return self.with_it < self.without

    def card_facts(self) -> dict[str, Any]:
        """What the card records: how to decode, if it is used, and why."""
        if not self.used:
            return {"notes": f"{self}."}
        sha256 = hashlib.sha256(self.arpa).hexdigest()
        decoder = {"lm_sha256": sha256, "alpha": ALPHA, "beta": BETA}
        return {"decoder": decoder, "notes": f"{self}."}

    def __str__(self) -> str:
        rates = f"{self.without:.2f} % without, {self.with_it:.2f} % with it"
        fate = "it is used, --lm none goes without" if self.used else "it is not used"
        return (
            f"language model of {self.texts} training texts: word errors on {self.chosen_on} "
            f"utterances of dev {rates}; {fate}"
        )


def decoder_of(
    name: str, folder: Path | None, record: Mapping[str, Any], classes: Sequence[str]
) -> tuple[CTCDecoder | None, list[str]]:
    """The decoder that predicting with a card uses, and how to tell so; None for the best path.

    Args:
        name, folder, record, classes: of the card, ``record`` its decoder.

    Raises:
        Missing, BadFile: as ``with_own``.
    """
    options = with_own(Options(), name, folder, record)
    if not options.lm:
        return None, []
    told = f"transcripts are made with {options.lm}, as zoo predict makes them"
    return CTCDecoder(Vocabulary(classes), options), [told]


def text_model(texts: Sequence[str], vocabulary: Vocabulary, order: int) -> TextModel | None:
    """The model of some texts; None for order 0, or if it cannot be made of their words."""
    sentences = [words for text in texts if (words := normalised_text(text).split())]
    if not (order and sentences):
        return None
    try:
        model = train(sentences, min(order, max(map(len, sentences)) + 2))
    except BadInput:  # a mark of language models among the words
        return None
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"texts{ENDING}"
        arpa.write(path, model)  # what predicting reads, rounded as that is
        decoder = CTCDecoder(vocabulary, Options(lm=path))
        return TextModel(path.read_bytes(), decoder, len(sentences))

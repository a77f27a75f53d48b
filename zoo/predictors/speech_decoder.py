"""From log-probabilities of characters to labels with the frames where they are.

The best path is read off, or prefix beam search looks for the best text, with a language model and
hotwords if they are wanted; the text it finds is then aligned, which gives the frames.
Proof: tests/predictors/test_speech_decoder.py.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from zoo.data.audio.utterances import SPACE
from zoo.data.text.vocabulary import Vocabulary
from zoo.decoding import arpa
from zoo.decoding.ctc import Span, best_path
from zoo.decoding.ctc_align import forced_align
from zoo.decoding.ctc_beam import Hypothesis, beam_search
from zoo.decoding.ctc_fusion import Fusion
from zoo.decoding.ngram import NGram
from zoo.errors import BadInput

BEAM = 50  # where something asks for a beam, but none is chosen
MOST = 5000  # prefixes: beyond that it takes minutes and gigabytes, and finds nothing new
WIDER = 4  # so many times as many labellings are asked for: some differ in their spaces only
BETA = 1.0  # for each word, beside a language model, which likes few words


class CTCDecoder:
    """How the most likely text is looked for; called with one utterance at a time.

    Args:
        beam: how many prefixes are followed; None: the best path, or 50 if another option is given.
        lm: an ARPA file with a language model of words (zoo/decoding/arpa.py).
        hotwords: words or phrases, with commas between or as a list.
        alpha: how much the language model counts: 1 for as much as the sound; natural logarithms.
        beta: what each word is worth beside it.
        nbest: how many alternatives are given.
        hotword_weight: ln of how many times as likely each letter of a hotword becomes.

    Raises:
        Missing, BadFile: for a language model that is not there, or is none.
        BadInput: for numbers that make no sense, and hotwords or a language model that the
            characters cannot spell.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        beam: int | None = None,
        lm: str | Path | None = None,
        hotwords: str | Sequence[str] = (),
        alpha: float | None = None,
        beta: float | None = None,
        nbest: int | None = None,
        hotword_weight: float | None = None,
    ) -> None:
        words = listed(hotwords)
        if lm is None and (alpha, beta) != (None, None):
            raise BadInput("alpha and beta weigh a language model, but there is none: add lm")
        if not words and hotword_weight is not None:
            raise BadInput("hotword_weight weighs hotwords, but there are none: add hotwords")
        _refuse_sizes(beam, nbest)
        self.vocabulary, self.beam, self.nbest = vocabulary, beam, nbest or 1
        if beam is None and (lm or words or nbest):
            self.beam = max(BEAM, self.nbest)
        self.fusion = None
        if lm or words:
            weights: dict[str, Any] = {"alpha": alpha, "beta": BETA if beta is None else beta}
            weights["hotword_weight"] = hotword_weight
            self.fusion = Fusion(
                texts=vocabulary.words,
                space=vocabulary.index[SPACE],
                lm=language_model(lm, vocabulary) if lm else None,
                hotwords=words,
                **{name: value for name, value in weights.items() if value is not None},
            )

    def __call__(self, log_p: Tensor) -> tuple[tuple[Span, ...], list[Hypothesis]]:
        """Log-probabilities (T, V) to the text's labels, and the alternatives, best first."""
        if self.beam is None:
            return best_path(log_p[None])[0].spans, []
        count = min(WIDER * self.nbest, self.beam)
        [found] = beam_search(log_p[None], beam=self.beam, n_best=count, fusion=self.fusion)
        [aligned] = forced_align(log_p[None], [list(found[0].labels)])
        return aligned.spans, self._distinct(found)

    def _distinct(self, found: list[Hypothesis]) -> list[Hypothesis]:
        """The best labelling of each text, ``nbest`` of them at most."""
        texts: dict[tuple[str, ...], Hypothesis] = {}
        for one in found:
            words = "".join(self.vocabulary.decode(list(one.labels))).split()
            texts.setdefault(tuple(words), one)
        return list(texts.values())[: self.nbest]


def language_model(path: str | Path, vocabulary: Vocabulary) -> NGram:
    """The model in an ARPA file.

    Raises:
        Missing, BadFile: as ``arpa.read``.
        BadInput: if the characters spell none of its words: it would know nothing that is said.
    """
    model, letters = arpa.read(path), set("".join(vocabulary.words[1:]))
    words = [word for word in model.words if word in model]
    if not any(set(word) <= letters for word in words):
        got = f"words such as {words[0]!r}" if words else "no words"
        raise BadInput(
            f"{path} has {got}, but what is heard is written with {''.join(sorted(letters))!r}; "
            "zoo ngram --tokens lower makes one of lower-case words"
        )
    return model


def listed(hotwords: str | Sequence[str]) -> list[str]:
    """Hotwords in lower case.

    >>> listed("Seven, no  one")
    ['seven', 'no one']

    Raises:
        BadInput: for commas without words.
    """
    parts = hotwords.split(",") if isinstance(hotwords, str) else hotwords
    words = [" ".join(part.lower().split()) for part in parts if part.strip()]
    if hotwords and not words:
        raise BadInput(f"hotwords must be words with commas between, got {hotwords!r}")
    return words


def _refuse_sizes(beam: int | None, nbest: int | None) -> None:
    for name, value in (("beam", beam), ("nbest", nbest)):
        if value is not None and not 1 <= value <= MOST:
            raise BadInput(f"{name} must be from 1 to {MOST}, got {value}")
    if beam is not None and nbest is not None and nbest > beam:
        raise BadInput(f"nbest must be at most the beam of {beam}, got {nbest}")

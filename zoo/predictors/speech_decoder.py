"""CTC decoding of log-probabilities into labels and their frames.

The labels are those of the best path, or of a prefix beam search with an optional language model
and hotwords; a forced alignment then finds the frames of the labels. A card whose ``decoder`` names
a language model has that of its training texts beside the weights, NAME.arpa: it was better on dev
and is used by default.
Proof: tests/predictors/test_speech_decoder.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from zoo.data.audio.utterances import SPACE
from zoo.data.text.vocabulary import Vocabulary
from zoo.decoding import arpa
from zoo.decoding.ctc_align import forced_align
from zoo.decoding.ctc_beam import Hypothesis, beam_search
from zoo.decoding.ctc_greedy import Span, best_path
from zoo.decoding.ctc_lm_score import Fusion
from zoo.decoding.ngram import NGram
from zoo.errors import BadFile, BadInput, Missing
from zoo.files import sha256
from zoo.options import option

BEAM = 50  # beam width if an option needs a beam search and none is given
MOST = 100.0  # of alpha and beta in a card
MAX_BEAM = 5000  # a wider search takes minutes and gigabytes, and finds nothing new
OVERSEARCH = 4  # hypotheses per text: some differ in their spaces only
OWN = "own"  # the language model of the training texts
ENDING = ".arpa"  # of its file, which has the name of the weights
ALPHA = 0.5  # weight of a language model
Decoded = tuple[tuple[Span, ...], list[Hypothesis]]  # labels of the text; hypotheses
BETA = 1.0  # score per word with a language model, which prefers few words


@dataclass(frozen=True)
class Options:
    """Options of decoding."""

    beam: int | None = option(
        None, f"beam width; default: best path, or {BEAM} for options that need a beam search"
    )
    lm: str | Path | None = option(
        OWN,
        "a word language model in the ARPA format; own: that of the training texts, where it lies "
        "beside the weights and was better; none",
        metavar="ARPA",
    )
    hotwords: tuple[str, ...] = option((), "words or phrases to prefer", metavar="A,B")
    alpha: float | None = option(None, "weight of the language model's log-probability")
    beta: float | None = option(None, "score per word, with a language model")
    nbest: int | None = option(None, "number of alternatives")
    hotword_weight: float | None = option(None, "score per letter of a hotword")


class CTCDecoder:
    """Log-probabilities of utterances to the labels of their most probable texts.

    Raises:
        Missing, BadFile: for a language model that does not exist or cannot be read.
        BadInput: for options out of range, and for hotwords or a language model that cannot be
            spelled with the characters.
    """

    def __init__(self, vocabulary: Vocabulary, options: Options) -> None:
        words = _hotwords(options.hotwords)
        _check_options(options)
        self.vocabulary, self.beam, self.nbest = vocabulary, options.beam, options.nbest or 1
        lm = None if options.lm == OWN else options.lm  # no card, no own one
        if options.beam is None and (lm or words or options.nbest):
            self.beam = max(BEAM, self.nbest)
        self.fusion = None
        if lm or words:
            beta = BETA if options.beta is None else options.beta
            weights: dict[str, Any] = {"alpha": options.alpha, "beta": beta}
            weights["hotword_weight"] = options.hotword_weight
            self.fusion = Fusion(
                texts=vocabulary.words,
                space=vocabulary.index[SPACE],
                lm=language_model(lm, vocabulary) if lm else None,
                hotwords=words,
                **{name: value for name, value in weights.items() if value is not None},
            )

    def __call__(self, log_p: Tensor) -> Decoded:
        """Log-probabilities (T, V) to the labels of the text, and the hypotheses, best first."""
        return self.batch(log_p[None])[0]

    def batch(self, log_p: Tensor, lengths: Tensor | None = None) -> list[Decoded]:
        """The same for (N, T, V), of which ``lengths`` (N,) frames count, all at once."""
        if self.beam is None:
            return [(path.spans, []) for path in best_path(log_p, lengths)]
        count = min(OVERSEARCH * self.nbest, self.beam)
        found = beam_search(log_p, lengths, beam=self.beam, n_best=count, fusion=self.fusion)
        labels = [list(hypotheses[0].labels) for hypotheses in found]
        aligned = forced_align(log_p, labels, lengths)
        return [(path.spans, self._distinct(one)) for path, one in zip(aligned, found, strict=True)]

    def _distinct(self, hypotheses: list[Hypothesis]) -> list[Hypothesis]:
        """The best hypothesis of each text, at most ``nbest``."""
        texts: dict[tuple[str, ...], Hypothesis] = {}
        for one in hypotheses:
            words = "".join(self.vocabulary.decode(list(one.labels))).split()
            texts.setdefault(tuple(words), one)
        return list(texts.values())[: self.nbest]


def with_own(
    options: Options, name: str, folder: Path | None, record: Mapping[str, Any]
) -> Options:  # fmt: skip
    """The options with the language model of a card, unless they name another or none.

    Args:
        name, folder, record: of the card, ``record`` its decoder; {} if it has none.

    Raises:
        Missing: if it is not beside the weights.
        BadFile: if the card's decoder cannot be used, or the file is another than it says.
    """
    if options.lm != OWN:
        return options
    if not record or folder is None:  # without a folder nothing is written yet
        return replace(options, lm=None)
    path = folder / f"{name}{ENDING}"
    if not path.is_file():
        raise Missing(
            f"{path} is not there, the language model that {name} was measured with; put it "
            "there, or take another with --lm FILE, or none with --lm none"
        )
    if record.get("lm_sha256") != sha256(path):
        raise BadFile(f"{path} is not the language model of {name}; --lm none goes without")
    weights = {"alpha": options.alpha, "beta": options.beta}
    for key in weights:
        value = record.get(key)
        if not isinstance(value, int | float) or not 0 <= value <= MOST:
            raise BadFile(f"the decoder of {name} has no {key} that can be used: {value!r:.80}")
        weights[key] = float(value) if weights[key] is None else weights[key]
    return replace(options, lm=path, alpha=weights["alpha"], beta=weights["beta"])


def language_model(path: str | Path, vocabulary: Vocabulary) -> NGram:
    """The language model in an ARPA file.

    Raises:
        Missing, BadFile: as ``arpa.read``.
        BadInput: if none of its words can be spelled with the characters.
    """
    model, letters = arpa.read(path), set("".join(vocabulary.words[1:]))
    words = [word for word in model.words if word in model]
    if not any(set(word) <= letters for word in words):
        got = f"words such as {words[0]!r}" if words else "no words"
        raise BadInput(
            f"{path} has {got}, but the transcripts are written with {''.join(sorted(letters))!r}; "
            "zoo ngram --tokens lower makes one of lower-case words"
        )
    return model


def _hotwords(hotwords: Sequence[str]) -> list[str]:
    """Hotwords in lower case, with one space between the words of a phrase.

    >>> _hotwords(["Seven", " no  one"])
    ['seven', 'no one']
    """
    words = [" ".join(one.lower().split()) for one in hotwords if one.strip()]
    if hotwords and not words:
        raise BadInput(f"hotwords must be words with commas between, got {hotwords!r}")
    return words


def _check_options(options: Options) -> None:
    """Raise BadInput for options that are out of range or contradict each other."""
    if options.lm in (None, OWN) and (options.alpha, options.beta) != (None, None):
        raise BadInput("alpha and beta weigh a language model, but there is none: add lm")
    if not options.hotwords and options.hotword_weight is not None:
        raise BadInput("hotword_weight weighs hotwords, but there are none: add hotwords")
    beam, nbest = options.beam, options.nbest
    for name, value in (("beam", beam), ("nbest", nbest)):
        if value is not None and not 1 <= value <= MAX_BEAM:
            raise BadInput(f"{name} must be from 1 to {MAX_BEAM}, got {value}")
    if beam is not None and nbest is not None and nbest > beam:
        raise BadInput(f"nbest must be at most the beam of {beam}, got {nbest}")

"""Speech recognition: a sound file in, ``Transcript`` out.

>>> import zoo
>>> print(zoo.load("deep_speech.fsdd", beam=50)("clip.wav"))  # doctest: +SKIP

Without ``beam`` the text is that of the best path; with it, that of a prefix beam search, with an
optional language model (``lm``, an ARPA file) and hotwords. Notes: course 5, week 3: sound ->
features -> network -> CTC -> language model.

A long recording is split at its quietest places into pieces of at most 30 s, which are recognized
separately: memory does not grow with the length.
Proof: tests/predictors/test_speech_recognition.py.
"""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from zoo.cards import Card
from zoo.data.audio.endpoints import word_ends
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.read import blocks
from zoo.data.audio.utterances import SPACE
from zoo.data.text.vocabulary import Vocabulary
from zoo.decoding.ctc_align import words
from zoo.decoding.ctc_greedy import Span
from zoo.errors import BadFile, BadInput
from zoo.ops.chirp import chirp, description
from zoo.predictors.predictor import Predictor
from zoo.predictors.speech_answer import Alternative, Transcript, Word
from zoo.predictors.speech_decoder import CTCDecoder, Options
from zoo.viz.sound import Overview

LONGEST, SHORTEST = 30.0, 20.0  # seconds of a piece; it ends at the quietest place in between
BLOCK = 1.0  # seconds that are read at once


class Piece(NamedTuple):
    """A part of a recording that is recognized separately."""

    features: Tensor  # (T, D)
    start: float  # seconds from the first sample of the recording


class SpeechRecognizer(Predictor[Options]):
    """Sound files in, ``Transcript`` out."""

    def __init__(
        self, model: Any, vocabulary: Vocabulary, front_end: LogMel, decoder: CTCDecoder
    ) -> None:
        self.model, self.vocabulary, self.front_end = model.eval(), vocabulary, front_end
        self.decoder = decoder
        self.device = next(model.parameters()).device

    @classmethod
    def from_card(
        cls, card: Card, model: Any, vocabulary: Vocabulary | None, options: Options
    ) -> "SpeechRecognizer":
        """The recognizer that a card describes.

        Raises:
            BadFile: if there are no characters, or the front end does not match the network.
            BadInput, Missing: as ``CTCDecoder``.
        """
        if vocabulary is None or len(vocabulary) != len(card.classes):
            raise BadFile(f"the weights of {card.name} hold no characters; do not use them")
        front_end = LogMel.from_card(card.front_end)
        if front_end.n_mels != model.n_mels:
            bands = f"{front_end.n_mels} bands, its network takes {model.n_mels}"
            raise BadFile(f"the front end of {card.name} has {bands}; do not use it")
        return cls(model, vocabulary, front_end, CTCDecoder(vocabulary, options))

    def __call__(self, raw: Any) -> Any:
        """Transcribe a file (or the bytes of one, or a wave), or each of a list or tuple of them.

        A wave is a tensor (n,) of floats in [-1, 1] at the front end's sample rate.

        Raises:
            Missing, BadFile: for a file that cannot be read as sound.
            BadInput: for an input of another type, or a wave that is not finite.
        """
        if isinstance(raw, list | tuple):
            return [self(one) for one in raw]
        overview, pieces = Overview(), []
        counter = CountedBlocks(self._blocks(raw))
        for piece in self._pieces(counter):
            overview.add(piece.features)
            pieces.append(self._transcribe(piece))
        all_words = tuple(word for piece in pieces for word in piece.words)
        return Transcript(
            SPACE.join(word.text for word in all_words),
            all_words,
            counter.total / self.front_end.sample_rate,
            pieces[0].alternatives if len(pieces) == 1 else (),
            overview.columns,
            overview.frames_per_column * self.front_end.hop_seconds,
        )

    def vector_input(self) -> str:
        """The description of a test vector's sound, a chirp."""
        return description(100, self.front_end.sample_rate // 4, 1.0)

    @torch.inference_mode()
    def output_of(self, text: str) -> Tensor:
        """Probabilities (T' V,) of the sound that ``text`` describes."""
        return self._log_p(self.front_end(chirp(text, self.front_end.sample_rate))).exp().flatten()

    def _blocks(self, raw: Any) -> Iterable[Tensor]:
        if isinstance(raw, Tensor):
            if raw.dim() != 1 or not raw.is_floating_point() or not bool(raw.isfinite().all()):
                got = f"{tuple(raw.shape)} {raw.dtype}"
                raise BadInput(f"a wave must be (n,) finite floats in -1..1, got {got}")
            return [raw.float()]
        if not isinstance(raw, str | Path | bytes):
            raise BadInput(f"expected a sound file, got {type(raw).__name__}")
        return blocks(raw, self.front_end.sample_rate, BLOCK)

    def _pieces(self, sound: Iterable[Tensor]) -> Iterator[Piece]:
        """Features, split at quiet places; at least one piece, which may be empty."""
        hop = self.front_end.hop_seconds
        longest, shortest = round(LONGEST / hop), round(SHORTEST / hop)
        buffer, tail, done = torch.zeros(0, self.front_end.n_mels), None, 0
        for block in sound:
            features, tail = self.front_end.stream(block, tail)
            buffer = torch.cat([buffer, features])
            while len(buffer) >= longest:
                cut = shortest + quietest(buffer[shortest:longest], round(0.2 / hop))
                yield Piece(buffer[:cut], done * hop)
                buffer, done = buffer[cut:], done + cut
        if len(buffer) or not done:
            yield Piece(buffer, done * hop)

    @torch.inference_mode()
    def _transcribe(self, piece: Piece) -> Transcript:
        if self._silent(piece.features):
            return Transcript("", (), 0.0)
        log_p = self._log_p(piece.features)
        spans, hypotheses = self.decoder(log_p)
        alternatives = tuple(
            Alternative(self._text(one.labels), one.score, one.log_p) for one in hypotheses
        )
        piece_words = tuple(self._words(spans, piece))
        text = SPACE.join(word.text for word in piece_words)
        return Transcript(text, piece_words, 0.0, alternatives)

    def _silent(self, features: Tensor) -> bool:
        """Whether no frame is louder than twice the floor of the front end, or there is none."""
        if not len(features):
            return True
        loudest = float(features.max()) * self.front_end.std + self.front_end.mean
        return loudest < math.log(2 * self.front_end.floor)

    def _log_p(self, features: Tensor) -> Tensor:
        """Features (T, D) of one piece to log-probabilities (T', V), on the CPU."""
        log_p, _ = self.model(features[None].to(self.device))
        return log_p[0].float().cpu()

    def _text(self, labels: Iterable[int]) -> str:
        return SPACE.join("".join(self.vocabulary.decode(list(labels))).split())

    def _words(self, spans: Iterable[Span], piece: Piece) -> Iterator[Word]:
        """The words of the labels, with start and end refined by the level of the sound."""
        segments = words(spans, self.vocabulary.index[SPACE])
        stride, hop = self.model.stride, self.front_end.hop_seconds
        frames = len(piece.features)
        cores = [(w.first * stride, min((w.last + 1) * stride, frames)) for w in segments]
        level = self.front_end.level(piece.features)
        half = self.front_end.win_length / self.front_end.sample_rate / 2
        middle = piece.start + half  # of frame 0
        for word, (first, last) in zip(segments, word_ends(level, cores, hop), strict=True):
            begin, end = middle + (first - 0.5) * hop, middle + (last - 0.5) * hop
            yield Word(self._text(word.labels), max(begin, 0.0), end, word.p)


class CountedBlocks:
    """Blocks of samples; ``total`` is the number of samples that were read."""

    def __init__(self, sound: Iterable[Tensor]) -> None:
        self.sound, self.total = sound, 0

    def __iter__(self) -> Iterator[Tensor]:
        for block in self.sound:
            self.total += len(block)
            yield block


def quietest(features: Tensor, width: int) -> int:
    """The centre of the ``width`` consecutive frames (T, D) with the lowest mean feature.

    >>> quietest(torch.tensor([[3.0], [1], [0], [0], [2], [5]]), 2)
    3
    """
    sums = features.mean(1).unfold(0, min(width, len(features)), 1).mean(1)
    return int(sums.argmin()) + min(width, len(features)) // 2


PREDICTOR = SpeechRecognizer

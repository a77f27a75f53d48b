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
from typing import Any, NamedTuple

import torch
from torch import Tensor

from zoo.cards import Card
from zoo.data.audio.endpoints import word_ends
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.loudness import FAINTEST, too_quiet
from zoo.data.audio.samples import are_many, sound_blocks
from zoo.data.audio.utterances import SPACE
from zoo.data.text.vocabulary import Vocabulary
from zoo.decoding.ctc_align import words
from zoo.decoding.ctc_greedy import Span
from zoo.errors import BadFile
from zoo.ops.chirp import chirp, description
from zoo.predictors.predictor import Predictor
from zoo.predictors.speech_answer import Alternative, Transcript, Word
from zoo.predictors.speech_decoder import CTCDecoder, Options, with_own
from zoo.viz.sound import Overview

LONGEST, SHORTEST = 30.0, 20.0  # seconds of a piece; it ends at the quietest place in between
BLOCK = 1.0  # seconds that are read at once


class Piece(NamedTuple):
    """A part of a recording that is recognized separately."""

    features: Tensor  # (T, D)
    start: float  # seconds from the first sample of the recording
    loudness: float  # dB of full scale, of the loudest part


class SpeechRecognizer(Predictor[Options]):
    """Sound files in, ``Transcript`` out."""

    draws = True

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
            BadInput, Missing, BadFile: as ``CTCDecoder`` and ``with_own``.
        """
        if vocabulary is None or len(vocabulary) != len(card.classes):
            raise BadFile(f"the weights of {card.name} hold no characters; do not use them")
        front_end = LogMel.from_card(card.front_end)
        if front_end.n_mels != model.n_mels:
            bands = f"{front_end.n_mels} bands, its network takes {model.n_mels}"
            raise BadFile(f"the front end of {card.name} has {bands}; do not use it")
        return cls(
            model,
            vocabulary,
            front_end,
            CTCDecoder(vocabulary, with_own(options, card.name, card.folder, card.decoder)),
        )

    def __call__(self, raw: Any, *, rate: int | None = None) -> Any:
        """Transcribe a sound, or each of a list or tuple of them.

        A sound is a file, the bytes of one, or samples (zoo/data/audio/samples.py): an array or
        tensor with ``rate=``, a pair of samples and rate, a dictionary of array and sampling_rate.

        Args:
            rate: of samples that come without it, in Hz.

        Raises:
            Missing, BadFile: for a file that cannot be read as sound.
            BadInput: for an input of another type, samples out of scale or without their rate.
        """
        if are_many(raw):
            return [self(one, rate=rate) for one in raw]
        overview, pieces, levels = Overview(), [], list[float]()
        target = self.front_end.sample_rate
        counter = CountedBlocks(sound_blocks(raw, target, BLOCK, rate))
        for piece in self._pieces(counter):
            overview.add(piece.features)
            pieces.append(self._transcribe(piece))
            levels += [piece.loudness] if len(piece.features) else []
        all_words = tuple(word for piece in pieces for word in piece.words)
        return Transcript(
            SPACE.join(word.text for word in all_words),
            all_words,
            counter.total / target,
            pieces[0].alternatives if len(pieces) == 1 else (),
            overview.columns,
            overview.frames_per_column * self.front_end.hop_seconds,
            notice=too_quiet(max(levels)) if levels else "",
        )

    def vector_input(self) -> str:
        """The description of a test vector's sound, a chirp."""
        return description(100, self.front_end.sample_rate // 4, 1.0)

    @torch.inference_mode()
    def output_of(self, text: str) -> Tensor:
        """Probabilities (T' V,) of the sound that ``text`` describes."""
        return self._log_p(self.front_end(chirp(text, self.front_end.sample_rate))).exp().flatten()

    def _pieces(self, sound: Iterable[Tensor]) -> Iterator[Piece]:
        """Features, split at quiet places; at least one piece, which may be empty.

        Power is kept, not features: a piece is levelled as a whole, however the sound is blocked.
        """
        hop = self.front_end.hop_seconds
        longest, shortest = round(LONGEST / hop), round(SHORTEST / hop)
        buffer, tail, done = torch.zeros(0, self.front_end.n_mels), None, 0
        for block in sound:
            power, tail = self.front_end.stream_power(block, tail)
            buffer = torch.cat([buffer, power])
            while len(buffer) >= longest:
                where = self.front_end.of_power(buffer[shortest:longest])
                cut = shortest + quietest(where, round(0.2 / hop))
                yield self._piece(buffer[:cut], done * hop)
                buffer, done = buffer[cut:], done + cut
        if len(buffer) or not done:
            yield self._piece(buffer, done * hop)

    def _piece(self, power: Tensor, start: float) -> Piece:
        front_end = self.front_end
        return Piece(front_end.of_power(power), start, float(front_end.loudness(power)))

    @torch.inference_mode()
    def _transcribe(self, piece: Piece) -> Transcript:
        if piece.loudness < FAINTEST or self._silent(piece.features):
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
        """Whether no band is above twice the floor of a front end without levelling."""
        if self.front_end.levelling != "none":
            return False
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

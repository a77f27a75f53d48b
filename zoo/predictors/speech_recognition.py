"""Speech recognition: a sound file in, ``Transcript`` out.

>>> import zoo
>>> print(zoo.load("deep_speech.fsdd", beam=50)("clip.wav"))  # doctest: +SKIP

Without ``beam`` the text is that of the best path; with it, that of a prefix beam search, with an
optional language model (``lm``, an ARPA file) and hotwords. Notes: course 5, week 3: sound ->
features -> network -> CTC -> language model.

A long recording is split at its quietest places into pieces of at most 30 s, which are recognized
separately: memory does not grow with the length. Pieces, of one sound or of many, go through
network and search in batches of similar length.
Proof: tests/predictors/test_speech_recognition.py.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from zoo.cards import Card
from zoo.data.audio.endpoints import word_ends
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.loudness import FAINTEST, too_quiet
from zoo.data.audio.utterances import SPACE
from zoo.data.batches import by_length
from zoo.data.text.vocabulary import Vocabulary
from zoo.decoding.ctc_align import words
from zoo.decoding.ctc_beam import Hypothesis
from zoo.decoding.ctc_greedy import Span
from zoo.errors import BadFile, ZooError
from zoo.ops.chirp import chirp, description
from zoo.predictors.answer import Answer
from zoo.predictors.inputs import sounds
from zoo.predictors.predictor import Predictor
from zoo.predictors.speech_answer import Alternative, Transcript, Word
from zoo.predictors.speech_decoder import CTCDecoder, Options, with_own
from zoo.viz.sound import Overview

LONGEST, SHORTEST = 30.0, 20.0  # seconds of a piece; it ends at the quietest place in between
BLOCK = 10.0  # seconds that are read at once
TOO_SHORT = "too short to hear: less than a frame of the spectrogram"
WAITING, AT_ONCE = 40_000, 12_000  # frames: of pieces that wait for others; of a padded batch


class Piece(NamedTuple):
    """A part of a recording that is recognized separately."""

    features: Tensor  # (T, D)
    start: float  # seconds from the first sample of the recording
    loudness: float  # dB of full scale, of the loudest part


class Heard:
    """What is known of a sound while it is read."""

    def __init__(self) -> None:
        self.overview, self.samples = Overview(), 0
        self.levels: list[float] = []  # dB of full scale, of the loudest part of each piece
        self.pieces: list[Transcript] = []

    def counted(self, sound: Iterable[Tensor]) -> Iterator[Tensor]:
        """The blocks (m,) as they come; their samples are counted."""
        for block in sound:
            self.samples += len(block)
            yield block

    def add(self, piece: Piece) -> None:
        """Note a piece that was read."""
        self.overview.add(piece.features)
        self.levels += [piece.loudness] if len(piece.features) else []


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

        A sound is a file, an http or https address, the bytes of a file, an open file, or samples
        (zoo/data/audio/samples.py): an array or tensor with ``rate=``, a pair of samples and rate,
        a dictionary of array and sampling_rate. A folder is the sounds below it, by name.

        Args:
            rate: of samples that come without it, in Hz.

        Raises:
            Missing, BadFile: for a file that cannot be read as sound.
            BadInput: for an input of another type, samples out of scale or without their rate.
        """
        return sounds.one_or_many(raw, rate, self._recognize)

    def spread(self, inputs: Sequence[str]) -> list[str]:
        """The words, each folder replaced by the sounds in it."""
        return sounds.spread(inputs)

    def each(self, inputs: Sequence[Any]) -> list[Answer | ZooError]:
        """The transcript of each sound, or the error of one that cannot be used."""
        return sounds.each(inputs, self._recognize)

    def _recognize(
        self, raws: Sequence[Any], rate: int | None, errors: sounds.Errors | None
    ) -> list[Transcript]:
        """Transcripts of sounds; errors are raised, or kept in ``errors`` by place."""
        heard = [Heard() for _ in raws]
        waiting: list[tuple[Heard, Piece]] = []
        frames = 0
        for at, raw in enumerate(raws):
            with sounds.kept(errors, at):
                sound = sounds.blocks(raw, self.front_end.sample_rate, BLOCK, rate)
                for piece in self._pieces(heard[at].counted(sound)):
                    heard[at].add(piece)
                    waiting.append((heard[at], piece))
                    frames += len(piece.features) + 1
                    if frames > WAITING:
                        self._finish(waiting)
                        frames = 0
        self._finish(waiting)
        return [self._joined(one) for one in heard]

    def _finish(self, waiting: list[tuple[Heard, Piece]]) -> None:
        """Transcribe the pieces that wait; there are none then."""
        transcripts = self._transcribe([piece for _, piece in waiting])
        for (sound, _), transcript in zip(waiting, transcripts, strict=True):
            sound.pieces.append(transcript)
        waiting.clear()

    def _joined(self, heard: Heard) -> Transcript:
        all_words = tuple(word for piece in heard.pieces for word in piece.words)
        return Transcript(
            SPACE.join(word.text for word in all_words),
            all_words,
            heard.samples / self.front_end.sample_rate,
            heard.pieces[0].alternatives if len(heard.pieces) == 1 else (),
            heard.overview.columns,
            heard.overview.frames_per_column * self.front_end.hop_seconds,
            notice=too_quiet(max(heard.levels)) if heard.levels else TOO_SHORT,
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
    def _transcribe(self, pieces: Sequence[Piece]) -> list[Transcript]:
        transcripts = [Transcript("", (), 0.0)] * len(pieces)
        spoken = [n for n, piece in enumerate(pieces) if not self._is_silent(piece)]
        lengths = torch.tensor([len(pieces[n].features) for n in spoken])
        for index in by_length(lengths, AT_ONCE):
            batch = [spoken[i] for i in index.tolist()]
            features = pad_sequence([pieces[n].features for n in batch], batch_first=True)
            log_p, frames = self.model(features.to(self.device), lengths[index].to(self.device))
            decoded = self.decoder.batch(log_p.float().cpu(), frames.cpu())
            for n, one in zip(batch, decoded, strict=True):
                transcripts[n] = self._transcript(pieces[n], *one)
        return transcripts

    def _transcript(
        self, piece: Piece, spans: Sequence[Span], hypotheses: Sequence[Hypothesis]
    ) -> Transcript:
        alternatives = tuple(
            Alternative(self._text(one.labels), one.score, one.log_p) for one in hypotheses
        )
        piece_words = tuple(self._words(spans, piece))
        text = SPACE.join(word.text for word in piece_words)
        return Transcript(text, piece_words, 0.0, alternatives)

    def _is_silent(self, piece: Piece) -> bool:
        """Too faint, or without levelling: no band is above twice the floor of the front end."""
        if piece.loudness < FAINTEST or self.front_end.levelling != "none":
            return piece.loudness < FAINTEST
        loudest = float(piece.features.max()) * self.front_end.std + self.front_end.mean
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


def quietest(features: Tensor, width: int) -> int:
    """The centre of the ``width`` consecutive frames (T, D) with the lowest mean feature.

    >>> quietest(torch.tensor([[3.0], [1], [0], [0], [2], [5]]), 2)
    3
    """
    sums = features.mean(1).unfold(0, min(width, len(features)), 1).mean(1)
    return int(sums.argmin()) + min(width, len(features)) // 2


PREDICTOR = SpeechRecognizer

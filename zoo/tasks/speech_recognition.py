"""Speech recognition with CTC. Notes: course 5, week 3, "Speech recognition".

Graves et al. 2006 (the loss); Amodei et al. 2016, arXiv:1512.02595 (the task). ``fit`` trains a
``SpeechRecognitionTask``; the predictor is in predictors/speech_recognition.py.
Proof: tests/tasks/test_speech_recognition.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from zoo import files
from zoo.data.audio.batches import Augmentation, augmented, features, padded
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.read import write
from zoo.data.audio.utterances import Utterances, UtteranceSplits, normalised_text, runs_by_speaker
from zoo.data.batches import bucketed
from zoo.data.text.vocabulary import Vocabulary
from zoo.decoding.ctc_greedy import best_path
from zoo.decoding.ngram import HIGHEST
from zoo.engine import distributed
from zoo.engine.seed import generator
from zoo.engine.task import Task
from zoo.errors import BadInput
from zoo.losses.ctc import ctc_loss, infeasible
from zoo.metrics.wer import character_errors, word_errors
from zoo.nn.eval_mode import eval_mode
from zoo.practice.transcript_errors import ErrorSheet, Utterance, error_sheet
from zoo.predictors.speech_decoder import ENDING, CTCDecoder
from zoo.tasks.speech_text_model import TextModel, text_model

SECONDS = 120  # of sound in one forward pass in evaluation, padding included
MOST_CHOSEN_ON = 500  # utterances that a language model is tried on
PAUSE = 0.3  # largest pause in seconds between concatenated recordings


class SpeechBatch(NamedTuple):
    """Features (N, T, D), their numbers of frames (N,), the label ids and names of N utterances."""

    features: Tensor
    frames: Tensor
    labels: list[list[int]]
    names: list[str]


@dataclass
class SpeechRecognitionTask(Task):
    """Utterances and their transcripts, scored by the word error rate.

    Transcripts are those of the best path. With ``lm_order``, ``choose`` makes an n-gram model of
    the training texts, and what it finds better on held-out data is used from then on.
    """

    model: nn.Module  # features (N, T, D), lengths -> log-probabilities (N, T', V), lengths
    data: UtteranceSplits
    batch_size: int = 16
    seed: int = 0
    concatenate: int = 1  # largest number of recordings of a speaker joined to one utterance
    pad_silence: float = 0.0  # largest silence in seconds before and after
    silent_utterances: int = 0  # utterances without speech added to a batch; empty transcripts
    speed: int = 0  # this and the next five: see zoo.data.audio.batches.Augmentation
    gain: float = 0.0
    softest: float | None = None
    min_snr: float | None = None
    freq_mask: int = 0
    time_mask: int = 0
    lm_order: int = 0  # words of the longest n-gram of the training texts; 0: no such model
    decoder: CTCDecoder | None = None  # of transcripts; None: best path

    units: ClassVar = {"wer": "%", "cer": "%"}

    def __post_init__(self) -> None:
        self.device = next(self.model.parameters()).device
        if self.batch_size < 1 or self.concatenate < 1:
            got = f"batch_size={self.batch_size}, concatenate={self.concatenate}"
            raise BadInput(f"batch_size and concatenate must be at least 1, got {got}")
        if self.pad_silence < 0 or self.silent_utterances < 0:
            got = f"pad_silence={self.pad_silence}, silent_utterances={self.silent_utterances}"
            raise BadInput(f"pad_silence and silent_utterances must not be negative, got {got}")
        if not 0 <= self.lm_order <= HIGHEST:
            raise BadInput(f"lm_order must be 0 to {HIGHEST}, got {self.lm_order}")
        self.text_model: TextModel | None = None
        if len(self.data.train) == 0:
            raise BadInput(f"{self.data.name} has no utterance to train on")
        self._augmentation = Augmentation(
            self.speed, self.gain, self.softest, self.min_snr, self.freq_mask, self.time_mask
        )

    @property
    def vocabulary(self) -> Vocabulary:
        """The labels: the blank and the characters; packed into the weights file."""
        return self.data.vocabulary

    def check(self) -> None:
        """Raise BadInput if the network does not have an output for each label."""
        model: Any = self.model
        outputs, labels = model.get_classifier().out_features, len(self.vocabulary)
        if outputs != labels:
            raise BadInput(f"num_classes={outputs}, but {self.data.name} has {labels} labels")

    def batches(self, epoch: int, start: int = 0) -> Iterator[SpeechBatch]:
        """Utterances of similar length together, joined and changed at random."""
        train, world, rank = self.data.train, distributed.world(), distributed.rank()
        runs = runs_by_speaker(train.speakers, self.concatenate, self.seed, epoch)
        lengths = torch.tensor([sum(int(train.lengths[i]) for i in run) for run in runs])
        order = bucketed(lengths, self.batch_size, self.seed, epoch, start=start, world=world)
        for number, index in order:
            local = [runs[i] for i in index.tensor_split(world)[rank].tolist()]
            yield self._batch(local, generator(self.seed, epoch, number, rank, "changes"))

    def loss(self, batch: SpeechBatch) -> Tensor:
        """-ln p(labels | sound), the mean over the utterances that have a path."""
        log_p, frames = self.model(batch.features, batch.frames)
        return ctc_loss(log_p, batch.labels, frames, skip_infeasible=True, names=batch.names)

    def notices(self, split: str = "train") -> list[str]:
        """What was read, and the utterances that have more labels than frames, by name."""
        return [*self.data.notices, *self._without_path_told(split)]

    def _without_path_told(self, split: str) -> list[str]:
        short, part = self.without_path(split), self.data.parts()[split]
        if not short:
            return []
        fate = "teach nothing" if split == "train" else "cannot be transcribed correctly"
        more = f" and {len(short) - 3} more" if len(short) > 3 else ""
        return [f"{len(short)} of {len(part)} utterances {fate}: {'; '.join(short[:3])}{more}"]

    def without_path(self, split: str = "train") -> list[str]:
        """Utterances with more labels than frames, which no path leads to, as lines."""
        model: Any = self.model
        front_end, part = self.data.front_end, self.data.parts()[split]
        frames = torch.tensor([front_end.frames(n) for n in part.lengths.tolist()])
        labels = [self.vocabulary.encode(list(normalised_text(text))) for text in part.texts]
        return infeasible(model.frames(frames), labels, [part.name(i) for i in range(len(part))])

    @property
    def scores(self) -> dict[str, str]:
        """Those of ``evaluate``."""
        return dict.fromkeys(("wer", "cer"), "lower")

    def evaluate(self, split: str = "dev") -> dict[str, float]:
        """Word and character errors of the transcripts, in percent of ``split``'s references."""
        return self._errors(self.data.parts()[split])

    def read_as(self, front_end: Mapping[str, Any]) -> None:
        """Make features as the front end of a card says."""
        self.data = replace(self.data, front_end=LogMel.from_card(front_end))

    def choose(self, split: str = "dev") -> None:
        """Make a language model of the training texts; use it if it is better on ``split``."""
        part = self.data.parts()[split]
        part = part.pick(range(0, len(part), -(-len(part) // MOST_CHOSEN_ON) or 1))
        made = text_model(self.data.train.texts, self.vocabulary, self.lm_order)
        if made is None or not len(part):
            return
        before = self._errors(part)["wer"]
        self.decoder = made.decoder
        after = self._errors(part)["wer"]
        self.decoder = made.decoder if after < before else None
        self.text_model = replace(made, without=before, with_it=after, chosen_on=len(part))

    def _errors(self, part: Utterances) -> dict[str, float]:
        part = part.pick(range(distributed.rank(), len(part), distributed.world()))
        hypotheses = self.transcripts(part)
        references = [normalised_text(text) for text in part.texts]
        words = word_errors(references, hypotheses)
        characters = character_errors(references, hypotheses)
        counts = [[e.total, e.length] for e in (words, characters)]
        summed = distributed.total(torch.tensor(counts, device=self.device)).tolist()
        wer, cer = (100 * errors / max(length, 1) for errors, length in summed)
        return {"wer": wer, "cer": cer}

    @torch.no_grad()
    def transcripts(self, part: Utterances) -> list[str]:
        """The transcript of each utterance, with the model in evaluation mode."""
        order = part.lengths.argsort(descending=True, stable=True).tolist()
        transcripts, at = [""] * len(part), 0
        with eval_mode(self.model):
            while at < len(order):
                longest = max(int(part.lengths[order[at]]), 1)
                chunk = order[at : at + max(SECONDS * part.rate // longest, 1)]
                for i, text in zip(chunk, self._transcribe(part, chunk), strict=True):
                    transcripts[i] = text
                at += len(chunk)
        return transcripts

    def card_facts(self) -> dict[str, Any]:
        """Task, front end and labels for the card."""
        classes = list(self.vocabulary.words)
        return {
            "task": "speech_recognition",
            "front_end": self.data.front_end.to_card(),
            "classes": classes,
            **(self.text_model.card_facts() if self.text_model else {}),
        }

    def extra_files(self) -> Mapping[str, bytes]:
        """The language model of the training texts, if one was made."""
        return {ENDING: self.text_model.arpa} if self.text_model else {}

    def report(self, folder: Path, title: str) -> str:
        """Write the errors on the test set, by speaker and length: errors.txt and errors.csv."""
        errors = self.mistakes("test")
        text = "\n".join([str(errors), *self._without_path_told("test"), *self._told()])
        files.write(folder / "errors.txt", f"{title}\n\n{text}\n")
        errors.save(folder / "errors.csv")
        return text

    def _told(self) -> list[str]:
        return [str(self.text_model)] if self.text_model else []

    def mistakes(self, split: str = "test") -> ErrorSheet:
        """Errors in ``split`` by group, the most frequent confusions, the worst utterances."""
        part = self.data.parts()[split]
        references = [normalised_text(text) for text in part.texts]
        hypotheses = self.transcripts(part)
        return error_sheet(
            Utterance(part.name(i), references[i], hypotheses[i], part.speakers[i])
            for i in range(len(part))
        )

    def example(self, folder: Path) -> str:
        """Write ``folder``/example.wav, an utterance of the test set to try; returns its path."""
        write(folder / "example.wav", self.data.test.wave(0), self.data.test.rate)
        return str(folder / "example.wav")

    def _batch(self, runs: list[list[int]], draws: torch.Generator) -> SpeechBatch:
        train = self.data.train
        part = train.concatenated(
            [*runs, *[[]] * self.silent_utterances], PAUSE, draws, self.pad_silence
        )
        inputs, frames = augmented(part, self._augmentation, draws, self.data.front_end)
        labels = [self.vocabulary.encode(list(normalised_text(text))) for text in part.texts]
        names = [*(train.name(run[0]) for run in runs), *["silence"] * self.silent_utterances]
        return SpeechBatch(inputs.to(self.device), frames.to(self.device), labels, names)

    def _transcribe(self, part: Utterances, chunk: list[int]) -> list[str]:
        waves, lengths = padded([part.wave(i) for i in chunk])
        inputs, frames = features(waves, lengths, self.data.front_end, self.device)
        if not inputs.shape[1]:  # shorter than a window, all of them
            return [""] * len(chunk)
        log_p, counts = self.model(inputs, frames)
        if self.decoder is None:
            labels = [path.labels for path in best_path(log_p, counts)]
        else:
            decoded = self.decoder.batch(log_p.float().cpu(), counts.cpu())
            labels = [tuple(span.label for span in spans) for spans, _ in decoded]
        letters = (self.vocabulary.decode(list(one)) for one in labels)
        return [normalised_text("".join(characters)) for characters in letters]

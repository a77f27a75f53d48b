"""The book: enroll people, say who is on a photo, keep it in one file.

Proof: tests/faces/test_book.py.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zoo.errors import BadInput, ZooError
from zoo.faces import book_file, changes, threshold
from zoo.faces.answers import Identification, named_face
from zoo.faces.book_file import Content
from zoo.faces.enrolment import Enrolment, Gathered, gather, suspects
from zoo.faces.threshold import Threshold
from zoo.faces.weights import MODEL, weights, weights_of
from zoo.files import alone_with
from zoo.nn.unit_length import squared_distances
from zoo.ops.nearest import NearestOwners
from zoo.predictors.inputs import images
from zoo.predictors.verification import ImageVerifier
from zoo.predictors.verifying.answer import Embedding, Verification


class Book:
    """Identities with the vectors of their pictures, and from where on a face is unknown.

    A book is not changed: what enrolls, removes, renames or merges gives another one.

    Attributes:
        content: names, vectors and the threshold, as the file holds them.
        enrolment: what ``enroll`` read and left out; None of a book that was loaded.
    """

    def __init__(
        self,
        content: Content,
        verifier: ImageVerifier | None = None,
        enrolment: Enrolment | None = None,
    ) -> None:
        self.content, self.enrolment = content, enrolment
        self._verifier = verifier
        own = content.scale != "squared L2"
        self._index = NearestOwners(content.vectors, content.owners, self._apart if own else None)

    @classmethod
    def enroll(
        cls,
        folder: str | Path,
        *,
        model: str | Path | ImageVerifier = MODEL,
        book: "Book | None" = None,
        far: float | None = None,
        threshold: float | None = None,
        aligned: bool = False,
        device: str = "auto",
    ) -> "Book":
        """A book of the people in a folder FOLDER/NAME/*.jpg, or ``book`` with these as well.

        Args:
            model: weights that verify, or their predictor; of ``book`` its own are taken.
            far: wished rate of false accepts, such as 0.001; None: both errors equally frequent.
            threshold: the threshold, if it is not to be chosen.
            aligned: pictures are cuts of faces already.

        Raises:
            BadInput: for a folder without a picture that can be used, other weights than the
                book's, options out of range.
            UnknownName, Missing, BadFile: as ``zoo.load``.
        """
        if far is not None and not 0 < far < 1:
            raise BadInput(f"far must lie between 0 and 1, such as 0.001, got {far:g}")
        if book is None:
            verifier = weights(model, device, aligned)
            old: Content | None = None
        else:
            verifier, old = book.network(device=device, aligned=aligned), book.content
        told, known = Enrolment(), Gathered()
        if old is not None:
            known = Gathered([*old.vectors], [old.names[i] for i in old.owners.tolist()])
        new = gather(Path(folder), verifier, known, told)
        if not new.vectors and not told.again:
            raise BadInput(f"{folder} has no picture that can be used: {told.why()}")
        names = tuple(dict.fromkeys([*known.names, *new.names]))
        row = {name: number for number, name in enumerate(names)}
        content = Content(
            verifier.name,
            verifier.sha256,
            verifier.scale,
            names,
            torch.stack([*known.vectors, *new.vectors]),
            torch.tensor([row[name] for name in [*known.names, *new.names]]),
            old.threshold if old is not None else Threshold.of(verifier.decision),
        )
        made = cls(content, verifier, told).refitted(far=far, value=threshold)
        limit = made.content.threshold.value
        suspects(content.vectors, content.owners, new.files, names, made._apart, limit, told)
        if made.content.threshold.origin == "usual":
            verifier.tell_usual()
        return made

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        model: str | Path | ImageVerifier | None = None,
        device: str = "auto",
        aligned: bool = False,
    ) -> "Book":
        """Read a book.

        Args:
            model: its weights, if they are not found by their name.

        Raises:
            Missing, BadFile: if there is none, or it is damaged.
            BadInput: for other weights than the book's.
        """
        book = cls(book_file.read(Path(path)))
        if model is not None or aligned or device != "auto":
            book.network(model, device=device, aligned=aligned)
        return book

    def save(self, path: str | Path) -> Path:
        """Write the file, atomically; it holds names and vectors, no picture.

        Raises:
            CannotWrite: if it cannot be written; an older one stays.
            Busy: if another process is enrolling into it.
        """
        with alone_with(Path(path)):
            return self.write(path)

    def write(self, path: str | Path) -> Path:
        """As ``save``, for who holds ``zoo.files.alone_with`` that file already."""
        book_file.write(self.content, Path(path))
        return Path(path)

    # ---- who is there ---------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """The identities."""
        return self.content.names

    def __len__(self) -> int:
        return len(self.content.names)

    def pictures(self) -> dict[str, int]:
        """How many vectors each identity has."""
        counts = self.content.owners.bincount(minlength=len(self)).tolist()
        return dict(zip(self.names, counts, strict=True))

    def neighbours(self) -> dict[str, tuple[str, float]]:
        """Of each identity the one that it is least unlike, and how unlike; of one alone none."""
        nearest: dict[str, tuple[str, float]] = {}
        if len(self) < 2:
            return nearest
        owners = self.content.owners.tolist()
        found = (part.tolist() for part in self._index.search(self.content.vectors))
        for own, others, apart in zip(owners, *found, strict=True):
            at = 1 if others[0] == own else 0
            name = self.names[own]
            if name not in nearest or apart[at] < nearest[name][1]:
                nearest[name] = self.names[others[at]], apart[at]
        return nearest

    def network(
        self,
        model: str | Path | ImageVerifier | None = None,
        *,
        device: str = "auto",
        aligned: bool = False,
    ) -> ImageVerifier:
        """The predictor of the book's weights, loaded when it is first needed.

        Raises:
            BadInput: if ``model`` are other weights.
            UnknownName, Missing, BadFile: as ``zoo.load``.
        """
        if model is None and self._verifier is not None and not aligned:
            return self._verifier
        content = self.content
        self._verifier = weights_of(
            content.model, content.sha256, model, device=device, aligned=aligned
        )
        return self._verifier

    # ---- questions ------------------------------------------------------------------------------

    def identify(self, raw: Any) -> Any:
        """Who is on a photo (``Identification``); of several photos a list.

        Raises:
            ZooError: for a photo that cannot be read.
        """
        several = images.several(raw, 3)
        answers = self.each([raw] if several is None else several, keep_errors=False)
        return answers[0] if several is None else answers

    def each(self, raws: Sequence[Any], *, keep_errors: bool = True) -> list[Any]:
        """The same for photos, or the error of one that cannot be used."""
        verifier, results = self.network(), list[Any]()
        for raw in raws:
            try:
                results.append(self._named(raw, verifier.faces(raw)))
            except ZooError as error:
                if not keep_errors:
                    raise
                results.append(error)
        return results

    def _named(self, raw: Any, faces: Sequence[Embedding]) -> Identification:
        limit = self.content.threshold.value
        if not faces:
            return Identification((), limit, raw)
        vectors = torch.stack([one.vector for one in faces])
        nearest = zip(*(found.tolist() for found in self._index.search(vectors)), strict=True)
        return Identification(
            tuple(
                named_face(face, [self.names[i] for i in who], apart, limit)
                for face, (who, apart) in zip(faces, nearest, strict=True)
            ),
            limit,
            raw,
        )

    def verifier(self) -> ImageVerifier:
        """The predictor of the weights with the book's threshold."""
        return self.network().with_threshold(self.content.threshold.value)

    def verify(self, a: Any, b: Any) -> Verification:
        """Whether two pictures show the same, by the book's threshold.

        Raises:
            ZooError: as the predictor.
        """
        return self.verifier().verify(a, b)

    # ---- other books ----------------------------------------------------------------------------

    def refitted(self, *, far: float | None = None, value: float | None = None) -> "Book":
        """The same with a threshold chosen anew; it stays where there are no pairs to choose on.

        Args:
            far: wished rate of false accepts; None: as it was chosen before.
            value: the threshold itself.
        """
        old, content = self.content.threshold, self.content
        wished = 100 * far if far is not None else old.wished
        fixed = None if value is None else (float(value), "given")
        if fixed is None and far is None and old.origin == "given":
            fixed = old.value, old.origin
        counts = content.owners.bincount()
        if fixed is None and (len(counts) < 2 or int(counts.max()) < 2):
            fixed = old.value, old.origin
        fitted = threshold.fit(
            content.vectors, content.owners, self._apart, wished=wished, fixed=fixed
        )
        return Book(replace(content, threshold=fitted), self._verifier, self.enrolment)

    def remove(self, names: Sequence[str]) -> "Book":
        """The book without some identities.

        Raises:
            UnknownName: for one that is not there.
            BadInput: if no one would be left.
        """
        return self._changed(changes.without(self.content, names))

    def rename(self, old: str, new: str) -> "Book":
        """The book with another name of an identity; a name that is there already joins both.

        Raises:
            UnknownName: if ``old`` is not there.
            BadInput: for a name that is empty or too long.
        """
        return self._changed(changes.renamed(self.content, old, new))

    def merge(self, other: "Book") -> "Book":
        """The identities of both; those of the same name are joined.

        Raises:
            BadInput: if the other belongs to other weights.
        """
        return self._changed(changes.merged(self.content, other.content))

    def _changed(self, content: Content) -> "Book":
        return Book(content, self._verifier).refitted()

    def _apart(self, a: Tensor, b: Tensor) -> Tensor:
        if self.content.scale == "squared L2":
            return squared_distances(a, b)
        return self.network().dissimilarity(a, b)

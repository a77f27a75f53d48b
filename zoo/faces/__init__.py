"""A book of faces: who is on this photo? Names and vectors in one file, no picture in it.

>>> from zoo.faces import Book
>>> book = Book.enroll("people/", model="facenet.vggface2")  # doctest: +SKIP
>>> book.save("faces.zoo")  # doctest: +SKIP
>>> print(Book.load("faces.zoo").identify("group.jpg"))  # doctest: +SKIP
3 faces: Ann (0.412, then Bob 1.310), unknown (nearest Bob 1.201), Cid (0.388, then Ann 1.422)

Notes: course 4, week 4, "Face recognition". It works with any weights that verify, so characters
have their book as well.
"""

from zoo.faces.answers import Identification, NamedFace
from zoo.faces.book import Book
from zoo.faces.enrolment import Enrolment
from zoo.faces.threshold import Threshold

__all__ = ["Book", "Enrolment", "Identification", "NamedFace", "Threshold"]

"""The user's data, one file for each task word: ``import_module(f"zoo.data.own.{task}")``.

In each ``own_data`` reads all of it, divided into train, dev and test, and ``FORM`` says in a line
in which form it is given; it is the help of ``--data``. Where weights can be measured on such data,
``to_measure`` gives what there is to measure them on, in the parts that the user has made, or of a
text in those of the rule that divides it; of a trigger word ``own_data`` serves for that too. Word
vectors have no score on a text.
"""

from collections.abc import Callable, Collection

LICENCE = "the user's data"
Needed = Callable[[Collection[str]], list[str]]  # which of these parts are to be read

"""The user's data, one file for each task word: ``import_module(f"zoo.data.own.{task}")``.

In each ``own_data`` reads all of it, divided into train, dev and test, and ``FORM`` says in a line
in which form it is given; it is the help of ``--data``. Where weights can be measured on such data,
``to_measure`` reads what there is to measure them on, in the parts that the user has made; of a
text and of a trigger word ``own_data`` serves for that too, since one rule divides them.
"""

from collections.abc import Callable, Collection

LICENCE = "the user's data"
Needed = Callable[[Collection[str]], list[str]]  # which of these parts are to be read

"""The user's data, one file for each task word: ``import_module(f"zoo.data.own.{task}")``.

In each ``own_data`` reads all of it, divided into train, dev and test; ``own_test`` reads what
weights are measured on: the test part if the user has set one apart, or all. ``FORM`` says in a
line in which form the data is given; it is the help of ``--data``.
"""

LICENCE = "the user's data"

"""The user's data, one file for each task word: ``import_module(f"zoo.data.own.{task}")``.

In each ``own_data`` reads all of it, divided into train, dev and test; ``own_test`` reads what
weights are measured on: the test part if the user has set one apart, or all.
"""

LICENCE = "the user's data"

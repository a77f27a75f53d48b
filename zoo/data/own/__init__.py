"""The user's data, one file per task word: ``import_module(f"zoo.data.own.{task}")``."""

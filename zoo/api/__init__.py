"""The functions behind the verbs and the scripts; each returns a typed result.

``zoo.train``, ``zoo.finetune``, ``zoo.evaluate`` and ``zoo.export`` are defined here.
"""

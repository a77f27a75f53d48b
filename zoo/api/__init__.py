"""What the verbs and the scripts call; each gives a typed result.

``zoo.train``, ``zoo.finetune``, ``zoo.evaluate`` and ``zoo.export`` are these functions.
"""

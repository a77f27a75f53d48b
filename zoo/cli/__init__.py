"""The command line, one file per verb; each has ``arguments(parser)`` and ``run(args)``."""

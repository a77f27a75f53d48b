"""Scores of object detectors: ``evaluate`` in scores.py; one file for each protocol."""

"""Weights: find, download, verify, load."""

"""Scores of networks that tell whether two images show the same: from how unlike pairs are."""

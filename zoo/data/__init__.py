"""Data sets: one file per kind, and what they share (folders, splits, batches, pictures)."""

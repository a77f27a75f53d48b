"""Boxes: x1 y1 x2 y2 in pixels, as float tensors (N, 4)."""

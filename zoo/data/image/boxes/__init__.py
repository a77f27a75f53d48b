"""Images with boxes: fitted to a network, augmented together, held in memory."""

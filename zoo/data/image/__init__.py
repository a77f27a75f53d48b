"""Images: read, preprocess, augment, batch."""

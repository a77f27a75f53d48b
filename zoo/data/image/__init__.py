"""Pictures: read, preprocess, augment, batch."""

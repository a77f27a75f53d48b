"""Sound: read, augment, log-mel features, batch."""

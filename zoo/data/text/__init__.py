"""Text: read, tokenize, count, batch."""

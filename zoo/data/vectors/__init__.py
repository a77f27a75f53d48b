"""Word vectors: look-up, search and arithmetic; the file formats of others."""

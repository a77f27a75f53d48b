"""``zoo bench NAME`` is the file NAME: ours and the peer's, in turns in one process."""

"""Complete runs with the number to reach, one file per file in models/."""

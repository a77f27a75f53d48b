"""Complete training runs with the published number to reach, one file per file in models/."""

"""Complete training runs and the number to reach, a file per paper; own/: on the user's data."""

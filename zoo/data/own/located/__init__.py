"""The user's images with one object at most: of a table, or of the files of a detector."""

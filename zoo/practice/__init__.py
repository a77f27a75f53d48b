"""The notes' tools for training and testing; models and arrays are passed in."""

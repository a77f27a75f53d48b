"""The notes' tools around training and testing; models and arrays are passed in."""

"""The notes' tools: error sheets, crops, ensembles, bias in word vectors; models are passed in."""

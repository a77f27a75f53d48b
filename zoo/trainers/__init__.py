"""Training loops that are no gradient steps of ``fit``: word2vec and GloVe."""

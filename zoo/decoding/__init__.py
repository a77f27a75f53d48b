"""From log-probabilities to sequences; sampling, n-grams, CTC; knows no model."""

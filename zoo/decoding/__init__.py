"""From log-probabilities to sequences; knows no model: only ``step(tokens, state)``."""

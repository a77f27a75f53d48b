"""The notes' second model on sentence polarity.

Proof: tests/recipes/test_sentiment.py.
"""

from zoo.recipes.polarity import polarity_recipe
from zoo.recipes.recipe import Claim, FitRecipe, recipe


@recipe("sentiment_lstm.polarity")
def sentiment_lstm_polarity() -> FitRecipe:
    """An LSTM reads the sentence from both ends; its last states, softmax."""
    claim = Claim("error", paper=None, within=0.0, source="no paper's; Kim's CNN: 23.9")
    return polarity_recipe("sentiment_lstm", 6, claim, {"bidirectional": True})

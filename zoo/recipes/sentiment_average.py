"""The notes' first model on sentence polarity.

Proof: tests/recipes/test_sentiment.py.
"""

from zoo.recipes.polarity import polarity_recipe
from zoo.recipes.recipe import Claim, FitRecipe, recipe


@recipe("sentiment_average.polarity")
def sentiment_average_polarity() -> FitRecipe:
    """Mean of word vectors, softmax."""
    claim = Claim("error", paper=None, within=0.0, source="no paper's; Kim's CNN: 23.9")
    return polarity_recipe("sentiment_average", 6, claim, {"embedding_dim": 64})

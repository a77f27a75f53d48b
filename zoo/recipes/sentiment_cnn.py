"""Kim 2014, arXiv:1408.5882, on sentence polarity: Table 2, column MR.

Proof: tests/recipes/test_sentiment.py.
"""

from zoo.recipes.polarity import KIM, polarity_recipe
from zoo.recipes.recipe import Claim, FitRecipe, recipe


@recipe("sentiment_cnn.polarity")
def sentiment_cnn_polarity() -> FitRecipe:
    """Kim's CNN-rand; AdamW on one cycle takes the place of Adadelta with early stopping."""
    claim = Claim("error", paper=23.9, within=1.3, source=KIM)
    return polarity_recipe("sentiment_cnn", 6, claim, {"word_dropout": 0.1})

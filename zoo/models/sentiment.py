"""What a sentence says, by two readings at once: the zoo's best on few sentences.

The logits of a mean over words and pairs (zoo/models/sentiment_average.py) and those of a CNN
(zoo/models/sentiment_cnn.py) are added, and both are trained as one network: what single words and
pairs are known to say, and the patterns of words that are alike. So Cheng et al. 2016,
arXiv:1606.07792, sec. 3.3, join a wide and a deep part.

Deviations: this sum is no paper's network; its parts are.
Proof: tests/models/test_sentiment.py.
"""

import torch
from torch import Tensor, nn

from zoo.models.sentiment_average import SentimentAverage
from zoo.models.sentiment_cnn import SentimentCNN
from zoo.registry import register


class Sentiment(nn.Module):
    """The sum of the logits of an average with pairs and of a CNN."""

    def __init__(self, average: SentimentAverage, cnn: SentimentCNN) -> None:
        super().__init__()
        self.average, self.cnn = average, cnn

    def forward(self, numbers: Tensor) -> Tensor:
        """Numbers (N, T) to logits (N, K)."""
        return self.forward_head(self.forward_features(numbers))

    def forward_features(self, numbers: Tensor) -> Tensor:
        """Numbers (N, T) to the features of both readings, side by side (N, D)."""
        parts = [self.average.forward_features(numbers), self.cnn.forward_features(numbers)]
        return torch.cat(parts, 1)

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        """Features to logits (N, K)."""
        if pre_logits:
            return features
        average, cnn = features.split([self.average.features, self.cnn.features], 1)
        said, seen = self.average.forward_head(average), self.cnn.forward_head(cnn)
        whole = isinstance(self.cnn.output, nn.Identity)  # 0 classes: features come out
        return torch.cat([said, seen], 1) if whole else said + seen

    def get_classifier(self) -> nn.Module:
        """The last layers of both."""
        return nn.ModuleList([self.average.output, self.cnn.output])

    def reset_classifier(self, num_classes: int) -> None:
        """New last layers."""
        self.average.reset_classifier(num_classes)
        self.cnn.reset_classifier(num_classes)

    def blocks(self) -> list[nn.Module]:
        """The tables, the filters, the last layers."""
        (*tables, _), (table, filters, _) = self.average.blocks(), self.cnn.blocks()
        return [nn.ModuleList([*tables, table]), filters, self.get_classifier()]


@register(
    "sentiment",
    paper="after Joulin et al. 2016, arXiv:1607.01759, and Kim 2014, arXiv:1408.5882",
    task="sentiment",
    input_shape=(),
    stem="",
    head="average.output cnn.output",
)
def sentiment(
    num_classes: int = 2,
    vocabulary: int = 10_000,
    features: int = 100,
    pair_features: int = 16,
    buckets: int = 65_536,
    maps: int = 100,
    dropout: float = 0.5,
    word_dropout: float = 0.1,
) -> Sentiment:
    """The mean of words and pairs, and a CNN: the sum of their logits; ``dropout`` is the CNN's."""
    average = SentimentAverage(
        num_classes, vocabulary, pair_features, buckets, word_dropout=word_dropout
    )
    cnn = SentimentCNN(
        num_classes, vocabulary, features, maps, dropout=dropout, word_dropout=word_dropout
    )
    return Sentiment(average, cnn)

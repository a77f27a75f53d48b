"""Small untrained weights of networks that read texts, for the verbs."""

from dataclasses import replace

import torch
from safetensors.torch import save

from tests.helpers.small_weights import plain_card
from zoo import registry
from zoo.data.text.sentences import SPECIAL, SentenceFrontEnd
from zoo.data.text.token_stream import TextFrontEnd
from zoo.data.text.vocabulary import Vocabulary
from zoo.predictors import language_model
from zoo.predictors.language_model import TextGenerator
from zoo.predictors.text_classification import TextClassifier
from zoo.pretrained.load import VOCABULARY_KEY

LETTERS = Vocabulary("\n abcdefg")


def _built(arch, arguments, vocabulary):
    torch.manual_seed(0)
    model = registry.build(arch, **arguments).eval()
    tensors = {key: tensor.contiguous() for key, tensor in model.state_dict().items()}
    return model, save({**tensors, VOCABULARY_KEY: vocabulary.pack()})


def _written(folder, data, predictor, card, **facts):
    text = predictor.vector_input()
    vector = {"input": text, "output": predictor.output_of(text).tolist()}
    card = replace(card, test_vector=vector, **facts)
    (folder / card.file).write_bytes(data)
    card.save(folder)
    return card.name


def write_classifier(folder):
    """sentiment_average.tiny, which knows the words good and bad."""
    vocabulary = Vocabulary([*SPECIAL, "good", "bad"])
    arguments = {"vocab_size": len(vocabulary)}
    model, data = _built("sentiment_average", arguments, vocabulary)
    front_end = SentenceFrontEnd(vocabulary)
    return _written(
        folder,
        data,
        TextClassifier(model, front_end, ("neg", "pos")),
        plain_card("sentiment_average.tiny", data),
        arguments=arguments,
        task="text_classification",
        classes=["neg", "pos"],
        front_end=front_end.to_card(),
    )


def write_generator(folder):
    """lstm.tiny, which writes the letters a to g."""
    arguments = {"vocab_size": len(LETTERS), "embedding_dim": 6, "hidden_size": 8}
    model, data = _built("lstm", arguments, LETTERS)
    front_end = TextFrontEnd("characters", LETTERS)
    return _written(
        folder,
        data,
        TextGenerator(model, front_end, language_model.Options()),
        plain_card("lstm.tiny", data),
        arguments=arguments,
        task="language_model",
        classes=[],
        front_end=front_end.to_card(),
    )

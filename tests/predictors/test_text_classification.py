"""A text in, its class and the words that made it so out."""

import json
from types import SimpleNamespace

import pytest
import torch

from zoo.data.text.sentences import SPECIAL
from zoo.data.text.tokenizers import RULES
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput
from zoo.models.sentiment_average import SentimentAverage
from zoo.models.sentiment_cnn import SentimentCNN
from zoo.predictors.text_classification import Options, TextClassification, TextClassifier

V = Vocabulary([*SPECIAL, "good", "bad", "film", "."])
FACTS = {"name": "sentiment.x", "front_end": {"tokenizer": RULES}, "classes": ["neg", "pos"]}


def classifier(vocabulary=V, model=None, evidence=False, **facts):
    """The mean of one number a word: good +4, bad -4."""
    torch.manual_seed(0)
    network = SentimentAverage(2, len(V), 1)
    with torch.no_grad():
        network.table.weight[:, 0] = torch.tensor([0.0, 0, 4, -4, 0, 0])
        network.output.weight[:, 0] = torch.tensor([-1.0, 1])
        network.output.bias.zero_()
    card = SimpleNamespace(**{**FACTS, **facts})
    return TextClassifier.from_card(card, model or network, vocabulary, Options(evidence))


def test_a_label_a_probability_and_the_words_that_spoke():
    answer = classifier(evidence=True)("A GOOD film. Not bad, good!")
    z = 2 * (4 + 4 - 4) / 9  # of nine words, logits -+ 4/9
    assert answer.label == "pos"
    assert answer.probability == pytest.approx(1 / (1 + torch.tensor(-z).exp().item()), rel=1e-5)
    assert dict(answer.top)["neg"] == pytest.approx(1 - answer.probability, rel=1e-5)
    words = ["a", "good", "film", ".", "not", "bad", ",", "good", "!"]
    assert [word for word, _ in answer.evidence] == words
    weights = [round(weight, 4) for _, weight in answer.evidence]
    assert weights == [0, 0.8889, 0, 0, 0, -0.8889, 0, 0.8889, 0]  # 2 * 4 / 9
    assert answer.unknown == ("a", "not", ",", "!")
    assert str(answer) == "pos (70.9 %); for: good; against: bad; unknown: a not , !"


def test_many_texts_answer_as_each_alone():
    torch.manual_seed(1)
    predictor = classifier(model=SentimentCNN(2, len(V), 6, 4), evidence=True)
    texts = ["good film .", "bad", "a good film , bad film . good good bad film"]
    together = predictor(texts)
    for text, answer in zip(texts, together, strict=True):
        alone = predictor(text)
        assert alone.probability == pytest.approx(answer.probability, abs=1e-6)
        assert [w for w, _ in alone.evidence] == [w for w, _ in answer.evidence]
        weights = [weight for _, weight in alone.evidence]
        assert [weight for _, weight in answer.evidence] == pytest.approx(weights, abs=1e-5)
    assert predictor(tuple(texts))[0].label == together[0].label
    assert predictor([]) == []


def test_unknown_words_only_and_long_texts():
    answer = classifier()("zyzzyva \u4e00")
    assert answer.unknown == ("zyzzyva", "\u4e00")
    assert answer.probability == pytest.approx(0.5)
    assert answer.nothing_known
    assert str(answer) == f"{answer.label} (50.0 %); nothing in it is known: zyzzyva \u4e00"
    predictor = classifier(evidence=True)
    long = predictor("good " * 201)
    assert long.label == "pos"
    assert long.evidence == ()
    assert len(predictor("good " * 200).evidence) == 200
    assert [len(one.evidence) for one in predictor(["good " * 201, "bad film"])] == [0, 2]


@pytest.mark.parametrize(
    ("text", "nothing"),
    [("zyzzyva .", True), ("zyzzyva film", False), (". .", False), ("good", False), ("!!", True)],
)
def test_nothing_is_known_if_no_word_is_whatever_the_signs(text, nothing):
    answer = classifier()(text)
    assert answer.nothing_known is nothing
    assert answer.to_json()["nothing_known"] is nothing
    assert ("nothing in it is known" in str(answer)) is nothing


def test_evidence_is_computed_when_asked_for_in_passes_of_many_texts(monkeypatch):
    passes = []
    predictor = classifier()
    forward = predictor.model.forward
    monkeypatch.setattr(predictor.model, "forward", lambda x: passes.append(x.shape) or forward(x))
    texts = ["good film .", "bad", "a good film", "film"]
    answers = predictor(texts)
    assert passes == [(4, 3)]
    assert all(one.evidence == () for one in answers)
    passes.clear()
    together = predictor.evidence([one.words for one in answers])
    assert passes == [(4 + 2 + 4 + 2, 3)]
    monkeypatch.setattr("zoo.predictors.text_classification.CHUNK", 12)
    assert predictor.evidence([one.words for one in answers]) == together
    for answer, evidence in zip(answers, together, strict=True):  # against its definition
        label = predictor.classes.index(answer.label)
        for i, (word, weight) in enumerate(evidence):
            assert word == answer.words[i]
            without = " ".join(["zzz" if n == i else w for n, w in enumerate(answer.words)])
            p = predictor.log_p([V.encode(w.split()) for w in (" ".join(answer.words), without)])
            odds = torch.logit(p[:, label].double().exp())
            assert weight == pytest.approx(float(odds[0] - odds[1]), abs=1e-5)


def test_a_text_is_drawn_with_a_colour_for_each_word():
    figure = classifier()("A GOOD film. zzz").plot()
    text, key = figure.axes
    assert "".join(t.get_text() for t in text.texts) == "a good film . zzz "
    assert len(text.patches) == 5
    assert "evidence for pos" in key.get_xlabel()
    assert text.get_title().startswith("pos ")
    assert len(classifier()("good " * 300).plot().axes[0].patches) == 0  # too long to weigh


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("", "no words in the text ''"),
        (" \r\n\t", "no words"),
        ("good " * 1_000_000, "1000000 words"),
        (3, "expected a text, got int"),
        (["good", None], "expected a text, got NoneType"),
    ],
)
def test_what_cannot_be_read_is_said(raw, said):
    with pytest.raises(BadInput, match=said):
        classifier()(raw)


def test_lines_ended_by_windows_and_case_change_nothing():
    predictor = classifier(evidence=True)
    assert predictor("Good\r\nFILM").evidence == predictor("good film").evidence


def test_json_holds_all_of_it():
    answer = classifier(evidence=True)("good zzz")
    again = json.loads(json.dumps(answer.to_json()))
    assert again["label"] == "pos"
    assert again["evidence"][0][0] == "good"
    assert again["unknown"] == ["zzz"]
    assert again["top"]["pos"] == again["probability"]


def test_no_word_is_named_twice_nor_a_weak_one():
    evidence = (("a", 0.5), ("b", 0.05), ("a", 0.7), ("c", -2.0), ("d", 1), ("e", 2), ("f", 3))
    answer = TextClassification("x", 0.9, (("x", 0.9),), evidence)
    assert answer.strongest() == ["f", "e", "d"]
    assert answer.strongest(-1) == ["c"]


def test_the_test_vector():
    predictor = classifier()
    output = predictor.output_of(predictor.vector_input())
    assert output.shape == (2,)
    assert output.exp().sum().item() == pytest.approx(1)
    assert torch.equal(output, predictor.output_of(predictor.vector_input()))
    with pytest.raises(BadFile, match="3 classes but 2 outputs"):
        classifier(classes=["a", "b", "c"]).output_of("good")


def test_cards_and_files_that_do_not_go_together():
    for words in (None, Vocabulary(["<unk>", "good"])):
        with pytest.raises(BadFile, match="hold no vocabulary|begins with <pad> <unk>"):
            classifier(vocabulary=words)
    with pytest.raises(BadFile, match="parts words by 'x', expected"):
        classifier(front_end={"tokenizer": "x"})


def test_a_network_gone_wrong():
    broken = SentimentAverage(2, len(V), 1)
    with torch.no_grad():
        broken.output.bias.fill_(float("nan"))
    with pytest.raises(BadInput, match="not finite"):
        classifier(model=broken)("good")

"""Text in, named spans out: places, probabilities, odd texts."""

import json
from dataclasses import replace

import pytest
import torch

from tests.helpers import tagging
from tests.helpers.small_weights import plain_card
from zoo.errors import BadFile, BadInput
from zoo.predictors.tagging import Options, TaggedText, Tagger
from zoo.predictors.tagging_answer import TaggedSpan


@pytest.fixture(scope="module")
def tagger():
    """Trained for a moment, so that it finds some names."""
    task = tagging.task()
    optimizer = torch.optim.Adam(task.model.parameters(), lr=0.02)
    task.model.train()
    for epoch in range(8):
        for batch in task.batches(epoch):
            optimizer.zero_grad()
            task.loss(batch).backward()
            optimizer.step()
    return Tagger(task.model, task.data.front_end, task.classes)


TEXT = "the cat saw Abcd,\tthe cat in  New Hgfe"


def test_names_are_where_they_stand_in_the_text(tagger):
    found = tagger(TEXT)
    assert [(n.text, n.type) for n in found.spans] == [("Abcd", "per"), ("New Hgfe", "loc")]
    for name in found.spans:
        assert TEXT[name.start : name.end] == name.text
        assert 0.5 < name.probability <= 1
    said = str(found)
    assert said.startswith("the cat saw [Abcd: per ")
    assert said.endswith(" %]")
    first = found.to_json()["spans"][0]
    assert set(first) == {"text", "type", "start", "end", "probability"}
    assert (first["start"], first["end"]) == (12, 16)
    json.dumps(found.to_json())


def test_a_text_gives_the_same_alone_and_among_others(tagger):
    texts = [TEXT, "Hi", "saw Eeee " * 30]
    together = tagger(texts)
    for text, other in zip(texts, together, strict=True):
        alone = tagger(text)
        assert [n.text for n in alone.spans] == [n.text for n in other.spans]
        for a, b in zip(alone.spans, other.spans, strict=True):
            assert a.probability == pytest.approx(b.probability, abs=1e-5)
    assert tagger([]) == []
    assert tagger((TEXT,)) == [together[0]]


def test_the_probability_is_that_of_exactly_this_span(tagger):
    """Over all sequences of the tags of a short text, whatever is around the span."""
    from itertools import product

    found = tagger("in New Abcd Hgfe")
    inputs = tagger._inputs(["in", "New", "Abcd", "Hgfe"])
    with torch.no_grad():
        e = tagger.model(*inputs)
        every = torch.tensor(list(product(range(len(tagger.classes)), repeat=4)))
        log_p = -tagger.model.crf.nll(e.expand(len(every), -1, -1), every, torch.full((256,), 4))
    assert log_p.exp().sum().item() == pytest.approx(1, abs=1e-4)
    number = {tag: n for n, tag in enumerate(tagger.classes)}
    (name,) = (n for n in found.spans if n.start == 3)
    width = len(name.text.split())
    mine = [number[f"B-{name.type}"]] + [number.get(f"I-{name.type}", -1)] * (width - 1)
    right = (every[:, 1 : 1 + width] == torch.tensor(mine)).all(1)
    if 1 + width < 4:
        right &= every[:, 1 + width] != number.get(f"I-{name.type}", -1)
    assert name.probability == pytest.approx(log_p.exp()[right].sum().item(), abs=1e-4)


def test_each_line_of_a_text_is_a_sentence_and_that_is_told(tagger):
    lines = ["the cat saw Abcd", "in New Hgfe", "the cat", "", "Eeee saw Abcd"]
    found = tagger("\r\n".join(lines))
    assert found.sentences == found.to_json()["sentences"] == 4
    assert found.remark == "4 lines, each read as a sentence"
    alone = [tagger(line) for line in lines if line]
    assert all(one.sentences == 1 and one.remark == "" for one in alone)
    assert [s.text for s in found.spans] == [s.text for one in alone for s in one.spans]
    p = [s.probability for one in alone for s in one.spans]
    assert [s.probability for s in found.spans] == pytest.approx(p, abs=1e-5)
    starts = [span.start for span in found.spans]
    assert starts == sorted(starts)
    assert all(found.text[s.start : s.end] == s.text for s in found.spans)
    assert tagger(f"\n{TEXT}\n").remark == ""


def test_many_texts_of_several_lines_keep_their_spans_apart(tagger, monkeypatch):
    monkeypatch.setattr("zoo.predictors.tagging.CHUNK", 12)
    texts = ["saw Abcd\nin New Hgfe and Abcd", "cat", "the cat in New Hgfe", "Eeee\n\nEeee saw"]
    for text, found in zip(texts, tagger(texts), strict=True):
        alone = tagger(text)
        assert [(s.start, s.end, s.type) for s in found.spans] == [
            (s.start, s.end, s.type) for s in alone.spans
        ]
        assert found.sentences == alone.sentences


def test_words_that_are_all_unknown_are_remarked_on(tagger):
    found = tagger("Qqqqq zzwzz, ...")
    assert found.nothing_known
    assert found.to_json()["nothing_known"] is True
    assert "none of its words is known" in found.remark
    assert not tagger("the Qqqqq").nothing_known


def test_a_text_is_drawn_with_its_types(tagger):
    figure = tagger(TEXT).plot()
    text, key = figure.axes
    assert sorted(t.get_text() for t in key.get_legend().get_texts()) == ["loc", "per"]
    shown = "".join(t.get_text() for t in text.texts)
    assert "New Hgfe loc " in shown
    assert len(text.patches) == 4  # each span and its label
    assert TaggedText("no", ()).plot().axes[0].get_title() == "spans: 0"
    full = TaggedText("Abcd", (TaggedSpan("Abcd", "per", 0, 4, 1.0),))
    assert full.plot().axes[0].get_title() == "spans: 1"


@pytest.mark.parametrize(
    "text", ["Zzzz", "\u6771\u4eac \U0001f642 \0 \ud800", "?" * 300, "x" * 5_000]
)
def test_odd_texts_have_an_answer(tagger, text):
    found = tagger(text)
    assert isinstance(found, TaggedText)
    assert found.text == text


def test_about_five_thousand_words(tagger):
    found = tagger("saw Abcd and " * 1_650)
    assert len(found.spans) > 1_000
    assert len(found.text.split()) == 4_950


@pytest.mark.parametrize(
    ("raw", "said"),
    [("", "no words"), (" \n\t", "no words"), (7, "got int"), (["a", None], "got NoneType")],
)
def test_no_text(tagger, raw, said):
    with pytest.raises(BadInput, match=said):
        tagger(raw)


def test_a_tag_set_of_one():
    task = tagging.task(data=tagging.splits({"per": "O", "loc": "O"}))
    found = Tagger(task.model, task.data.front_end, task.classes)(TEXT)
    assert found.spans == ()
    assert str(found) == TEXT


def test_from_card_checks_what_goes_together(tagger):
    card = replace(
        plain_card("tagger.toy", b""),
        task="tagging",
        classes=list(tagger.classes),
        front_end=tagger.front_end.to_card(),
    )
    words = tagger.front_end.vocabulary
    again = Tagger.from_card(card, tagger.model, words, Options())
    text = again.vector_input()
    assert torch.equal(again.output_of(text), tagger.output_of(text))
    rows = again.output_of(text).view(-1, len(tagger.classes))
    assert torch.allclose(rows.sum(1), torch.ones(len(rows)), atol=1e-5)
    with pytest.raises(BadFile, match="hold no vocabulary"):
        Tagger.from_card(card, tagger.model, None, Options())
    with pytest.raises(BadFile, match="3 classes but 4 outputs"):
        Tagger.from_card(replace(card, classes=["O", "a", "b"]), tagger.model, words, Options())
    short = {**card.front_end, "characters": "ab"}
    with pytest.raises(BadFile, match="the words need"):
        Tagger.from_card(replace(card, front_end=short), tagger.model, words, Options())

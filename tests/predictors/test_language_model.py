"""Generated text: seeds, the state passed on, bad prompts."""

import json
from types import SimpleNamespace

import pytest
import torch

from zoo import registry
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import OBEYED, BadInput
from zoo.predictors.language_model import Options, TextGenerator

LETTERS = Vocabulary("\n abcdefg")
WORDS = Vocabulary(["<unk>", "to", "be", "<eos>", "or", "not"])


def writer(vocabulary=LETTERS, level="characters", arch="lstm", **options):
    torch.manual_seed(0)
    model = registry.build(arch, vocab_size=len(vocabulary), embedding_dim=6, hidden_size=8)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
    card = SimpleNamespace(front_end={"level": level})
    return TextGenerator.from_card(card, model, vocabulary, Options(**{"length": 30, **options}))


def test_the_same_seed_writes_the_same_alone_or_in_a_list():
    write = writer(seed=1)
    alone = write("abc")
    assert write(["gg", "abc"])[1].text == alone.text
    assert writer(seed=1)("abc") == alone
    assert writer(seed=2)("abc") != alone
    assert len(alone.text) == 30
    assert str(alone) == "abc" + alone.text
    assert json.loads(json.dumps(alone.to_json()))["log_p"] == alone.log_p


def test_the_stream_is_the_text_and_can_be_left():
    write = writer()
    assert "".join(write.stream("abc")) == write("abc").text
    pieces = write.stream("abc")
    assert next(pieces) == write("abc").text[0]


@pytest.mark.parametrize("arch", ["rnn", "lstm", "gru"])
def test_prompts_of_all_lengths_side_by_side_are_continued_as_each_alone(arch, monkeypatch):
    monkeypatch.setattr("zoo.predictors.language_model.LANES", 4)
    monkeypatch.setattr("zoo.predictors.language_model.READ", 8)  # long prompts in parts
    write = writer(arch=arch, seed=3, temperature=1.3)
    prompts = ["abc", "", "g", "abcabcabcabcabcgg", "ab\nab", "abc", "ggg", "c" * 33, "ff"]
    together = write(prompts)
    assert [one.prompt for one in together] == prompts
    for one, prompt in zip(together, prompts, strict=True):
        alone = write(prompt)
        assert one.text == alone.text
        assert one.log_p == pytest.approx(alone.log_p, abs=1e-5 * 30)
        assert [p for p, _ in one.tokens] == [p for p, _ in alone.tokens]
        assert [p for _, p in one.tokens] == pytest.approx([p for _, p in alone.tokens], abs=1e-5)
    assert together[0].text == together[5].text
    assert write([]) == []
    assert write(tuple(prompts))[3].text == together[3].text


def test_texts_are_written_side_by_side_token_by_token():
    write = writer(length=11)
    writing = write.as_writer().write(["ab", "c"])
    pieces = {0: "", 1: ""}
    for number, piece in writing:
        pieces[number] += piece
        assert abs(len(pieces[0]) - len(pieces[1])) <= 1
    assert [one.text for one in writing.answers] == [pieces[0], pieces[1]]
    assert pieces[1] == write("c").text


@pytest.mark.parametrize("arch", ["rnn", "lstm", "gru"])
def test_log_p_is_that_of_the_whole_text_read_at_once(arch):
    write = writer(arch=arch, temperature=0.7, top_k=4)
    said = write("ab")
    numbers = torch.tensor(LETTERS.encode(str(said)))
    with torch.no_grad():
        losses, _ = write.model.eval()(numbers[None, :-1], None, numbers[None, 1:])
    assert said.log_p == pytest.approx(-losses[0, 1:].sum().item(), rel=1e-4)


def test_greedy_does_not_depend_on_the_seed():
    assert writer(temperature=0, seed=1)("a").text == writer(temperature=0, seed=9)("a").text


def test_an_empty_prompt_begins_a_line():
    assert len(writer()("").text) == 30
    assert len(writer(Vocabulary("abc"))("").text) == 30  # no line ends in this text
    assert writer(length=0)("") == writer(length=0)("")
    said = writer(WORDS, "words")("")
    assert not said.text.startswith(" ")


def test_an_unknown_character_is_named():
    with pytest.raises(BadInput, match="the prompt has 'Z', 'é', which is not in the vocabulary"):
        writer()("abZé")


def test_unknown_words_are_unk_and_lines_are_kept():
    said = writer(WORDS, "words")("to sleep")
    assert all(word in WORDS or word == "" for word in said.text.replace("\n", " ").split(" "))
    assert writer(WORDS, "words")("to sleep").text == writer(WORDS, "words")("to sleep").text
    write = writer(WORDS, "words")
    assert write._token_ids("to be\nor").tolist() == [1, 2, 3, 4]
    assert write._token_ids("to be\n").tolist() == [1, 2, 3]


@pytest.mark.parametrize("raw", [3, None, b"abc"])
def test_what_is_no_text_is_refused(raw):
    with pytest.raises(BadInput, match="a prompt must be text"):
        writer()(raw)


def test_unk_is_never_written_unless_asked_for():
    vocabulary = Vocabulary(["<unk>", "<pad>", "to", "<eos>"])
    said = writer(vocabulary, "words", length=60)("to")
    assert "<unk>" not in said.text
    assert "<pad>" not in said.text
    assert "to" in said.text
    free = writer(vocabulary, "words", length=60, bar=())("to")
    assert "<unk>" in free.text
    line = writer(vocabulary, "words", length=60, bar=("<unk>", "<pad>", "<eos>"))("to")
    assert "\n" not in line.text
    with torch.no_grad():  # log_p stays the model's own
        numbers = torch.tensor(vocabulary.encode(str(line).split()))
        losses, _ = writer(vocabulary, "words").model(numbers[None, :-1], None, numbers[None, 1:])
    assert line.log_p == pytest.approx(-losses[0].sum().item(), rel=1e-4)


def test_what_cannot_be_barred_is_refused():
    with pytest.raises(BadInput, match="bar has 'Z', which is not in the vocabulary of 9"):
        writer(bar=("Z",))
    with pytest.raises(BadInput, match="nothing is left to write"):
        writer(bar=tuple(LETTERS.words))


def test_a_prompt_of_unknown_words_only_is_remarked_on():
    write = writer(WORDS, "words")
    said = write("zyzzyva quux")
    assert said.unknown == ("zyzzyva", "quux")
    assert said.nothing_known
    assert said.remark.startswith("nothing in the prompt is known to the model (zyzzyva quux)")
    assert said.to_json()["unknown"] == ["zyzzyva", "quux"]
    some = write("to zyzzyva")
    assert (some.unknown, some.nothing_known) == (("zyzzyva",), False)
    assert some.remark == "unknown words, read as <unk>: zyzzyva"
    assert write("").remark == ""
    assert writer()("ab").remark == ""


def test_a_text_is_drawn_with_a_colour_for_each_token():
    figure = writer(WORDS, "words", length=12)("to be").plot()
    text_axis, key = figure.axes
    assert "".join(t.get_text() for t in text_axis.texts).startswith("to be")
    assert len(text_axis.patches) >= 12  # one box for each token
    assert "probability" in key.get_xlabel()
    writer(length=0)("").plot()


def test_options_out_of_range_are_refused():
    with pytest.raises(BadInput, match="length"):
        writer(length=-1)
    with pytest.raises(BadInput, match="top_p"):
        writer(top_p=2)


@pytest.mark.parametrize(("vocabulary", "level"), [(LETTERS, "characters"), (WORDS, "words")])
def test_the_test_vector_is_always_the_same(vocabulary, level):
    write = writer(vocabulary, level)
    output = write.output_of(write.vector_input())
    assert output.shape == (len(vocabulary),)
    assert output.exp().sum() == pytest.approx(1)
    assert torch.equal(output, writer(vocabulary, level).output_of(write.vector_input()))


def test_the_test_vector_holds_nothing_that_a_card_may_not():
    letters = Vocabulary(["\x1b", "\t", "\u202e", *LETTERS.words])
    assert not OBEYED.search(writer(letters).vector_input())


def test_a_stream_does_not_depend_on_what_the_caller_has_set_in_torch():
    write = writer(seed=5)
    expected = write("abc").text
    with torch.autocast("cpu"):
        assert "".join(write.stream("abc")) == expected
    torch.set_default_dtype(torch.float64)
    try:
        assert "".join(write.stream("abc")) == expected
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.get_default_dtype() == torch.float32


def test_weights_that_change_are_those_that_write():
    write = writer(temperature=0, length=10)
    before = write("ab").text
    with torch.no_grad():
        for parameter in write.model.parameters():
            parameter.neg_()
    assert write("ab").text != before

"""An example is recognised by its content: not by its name, its place or its neighbours."""

import torch

from tests.helpers.tagging import sentences
from zoo.data.audio.utterances import Utterances
from zoo.data.examples import digest
from zoo.data.image.images import Images, joined
from zoo.data.text.sentences import words_digest
from zoo.data.text.tagged import Sentences
from zoo.data.text.token_stream import Text, TextFrontEnd, TextSplits
from zoo.data.text.vocabulary import Vocabulary


def test_the_parts_of_a_content_are_told_apart():
    assert digest("ab", "c") != digest("a", "bc") != digest("abc")
    assert digest("ab", "c") == digest("ab", "c")
    assert len(digest("\ud800")) == 16  # what stands for a byte that is no UTF-8


def test_images_by_file_and_by_pixels():
    pixels = torch.arange(3 * 4).view(3, 1, 2, 2).byte()
    images = Images(pixels, torch.tensor([0, 1, 0]), ("a", "b"), ("f0", "f1", "f2"))
    assert [files for files, _ in images.digests()] == ["f0", "f1", "f2"]
    assert len({own for _, own in images.digests()}) == 3
    picked = images.pick(torch.tensor([2, 0]))
    assert picked.digests() == [images.digests()[2], images.digests()[0]]
    assert images.pick(slice(1, None)).digests() == images.digests()[1:]
    assert joined([picked, images.pick(slice(1, 2))]).digests()[2] == images.digests()[1]
    wide = Images(pixels.view(3, 1, 1, 4), torch.tensor([0, 1, 0]), ("a", "b"))
    assert wide.digests()[0] != (images.digests()[0][1],)  # the same bytes in another shape


def test_sentences_by_their_words_whatever_the_case_and_the_tags():
    assert words_digest("A  lovely film.") == words_digest("a lovely film .")
    assert words_digest("a lovely film") != words_digest("a lovely, film")
    made = sentences(4, 0)
    part = Sentences(tuple(made), ("O",))
    untagged = Sentences(tuple(one._replace(tags=("O",) * len(one.words)) for one in made), ("O",))
    assert part.digests() == untagged.digests()
    assert len(set(part.digests())) == len({one.words for one in made})


def test_utterances_by_their_samples():
    waves = [torch.rand(5), torch.rand(7)]
    both = Utterances.from_waves(waves, ["x", "y"], ["a", "b"], 8000)
    other = Utterances.from_waves(waves[1:], ["z"], ["c"], 8000)
    assert other.digests() == both.digests()[1:]
    assert both.digests()[0] != both.digests()[1]


def test_a_text_by_its_longer_lines_or_by_all_of_it():
    vocabulary = Vocabulary(["\n", *"abcdefgh "])
    front_end = TextFrontEnd("characters", vocabulary)
    first, second = "a bad cab faced a cab\n", "a bed bagged a cab hh\n"

    def lines(text):
        ids = Text(front_end(text))
        splits = TextSplits("x", "none", ids, ids, ids, front_end, only="all")
        return list(splits.examples()["all"])

    assert lines(first + "a\n" + second) == [*lines(first), *lines(second)]
    assert lines("a\nb\n") != lines("a\nc\n")  # each one digest, of everything
    assert len(lines("a\nb\n")) == 1

"""The shipped speech weights on real sound: times, batches, hotwords and models of language."""

import pytest
import torch

import zoo
from zoo.data.audio.read import resample, write
from zoo.data.audio.trigger_streams import Bank, keyword_streams
from zoo.datasets.alexa import alexa
from zoo.datasets.fsdd import DEV, WORDS, recordings
from zoo.decoding import arpa
from zoo.decoding.kneser_ney import train
from zoo.engine.seed import generator


@pytest.fixture(scope="module")
def clips(zoo_data_of_module):
    found, indices = recordings(zoo_data_of_module / "fsdd")
    return found.pick([i for i, index in enumerate(indices) if index in DEV])


@pytest.fixture(scope="module")
def zoo_data_of_module():
    import os
    from pathlib import Path

    folder = Path(os.environ.get("ZOO_DATA", ""))
    if not os.environ.get("ZOO_DATA") or not (folder / "fsdd").is_dir():
        pytest.skip("needs the real data: set ZOO_DATA")
    return folder


@pytest.fixture(scope="module")
def strings(clips):
    """Twelve strings of three or four words, their texts, where each word begins and ends."""
    draw = torch.Generator().manual_seed(0)
    found = []
    for n in range(12):
        mine = [i for i, who in enumerate(clips.speakers) if who == clips.speakers[15 * n]]
        picked = [
            mine[int(torch.randint(len(mine), (1,), generator=draw))] for _ in range(3 + n % 2)
        ]
        parts, places, at = [], [], 0
        for i in picked:
            wave = clips.wave(i)
            places.append((at / 8000, (at + len(wave)) / 8000))
            parts += [wave, torch.zeros(1200)]
            at += len(wave) + 1200
        found.append((torch.cat(parts), [clips.texts[i] for i in picked], places))
    return found


def test_words_are_found_where_they_were_put(strings):
    predictor = zoo.load("deep_speech.fsdd", device="cpu")
    right = inside = total = 0
    early, late = list[float](), list[float]()
    for wave, texts, places in strings:
        heard = predictor(wave, rate=8000).words
        total += len(texts)
        if [word.text for word in heard] != texts:
            continue
        right += len(texts)
        for word, (start, end) in zip(heard, places, strict=True):
            inside += start <= (word.start + word.end) / 2 <= end
            early.append(abs(word.start - start))
            late.append(abs(word.end - end))
    assert right > 0.85 * total
    assert inside > 0.97 * right
    assert sum(early) / right < 0.08  # seconds; recordings begin and end with a little silence
    assert sum(late) / right < 0.08


def test_padding_and_company_change_no_log_probability(strings):
    predictor = zoo.load("deep_speech.fsdd", device="cpu")
    features = [predictor.front_end(wave) for wave, _, _ in strings[:4]]
    lengths = torch.tensor([len(x) for x in features])
    batch = torch.nn.utils.rnn.pad_sequence(features, batch_first=True)
    batch = torch.nn.functional.pad(batch, (0, 0, 0, 57), value=3.0)
    with torch.no_grad():
        together, frames = predictor.model(batch, lengths)
        for n, x in enumerate(features):
            alone, _ = predictor.model(x[None])
            assert torch.allclose(together[n, : frames[n]], alone[0], atol=1e-5)


def test_another_rate_and_loudness_give_the_same_words(strings, tmp_path):
    predictor = zoo.load("deep_speech.fsdd", device="cpu")
    wave, _, _ = strings[0]
    write(tmp_path / "high.wav", 0.5 * resample(wave, 8000, 44_100), 44_100)
    assert predictor(tmp_path / "high.wav").text == predictor(wave, rate=8000).text


def test_with_a_language_model_of_digits_every_word_is_one(strings, tmp_path):
    draw = torch.Generator().manual_seed(0)
    said = [
        [WORDS[i] for i in torch.randint(10, (4,), generator=draw).tolist()] for _ in range(300)
    ]
    arpa.write(tmp_path / "lm.arpa", train(said, 2))
    predictor = zoo.load("deep_speech.fsdd", device="cpu", lm=tmp_path / "lm.arpa", alpha=1.0)
    for wave, texts, _ in strings:
        heard = predictor(wave, rate=8000).text.split()
        assert set(heard) <= set(WORDS)
        assert abs(len(heard) - len(texts)) <= 1


def test_hotwords_are_heard_rather(strings):
    wave, texts, _ = strings[0]
    assert "zero" not in texts
    hotter = zoo.load("deep_speech.fsdd", device="cpu", hotwords="zero", hotword_weight=12.0)
    hot = hotter(wave, rate=8000)
    assert "zero" in hot.text.split()
    mild = zoo.load("deep_speech.fsdd", device="cpu", hotwords="zero")(wave, rate=8000)
    assert mild.text.split() == texts


def test_the_trigger_word_is_heard_each_time_and_in_any_blocks(zoo_data_of_module, monkeypatch):
    if not (zoo_data_of_module / "trigger_word").is_dir():
        pytest.skip("no trigger_word in ZOO_DATA")
    monkeypatch.setenv("ZOO_DATA", str(zoo_data_of_module))
    bank = Bank(alexa().dev)
    streams = keyword_streams(bank, 20.0, 1, generator("weights"))
    listener = zoo.load("trigger_word.alexa", device="cpu")
    hits = alarms = total = 0
    for n, (wave, ends) in enumerate(zip(streams.waves[:6], streams.ends[:6], strict=True)):
        whole = [one.time for one in listener.listen([wave])]
        if n < 2:
            assert [one.time for one in listener.listen(wave.split(331))] == whole
        found = [any(-0.5 <= t - end <= 1.0 for t in whole) for end in ends]
        hits, total = hits + sum(found), total + len(ends)
        alarms += len(whole) - sum(found)
    assert hits > 0.85 * total
    assert alarms <= 1

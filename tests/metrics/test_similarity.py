"""Spearman's rho is scipy's, of wordsim353 gensim's."""

import numpy as np
import pytest
from scipy import stats

from zoo.errors import BadInput
from zoo.metrics.similarity import ranks, similarity_score, spearman


@pytest.mark.parametrize("levels", [3, 10, 10**6])  # many ties, some, none
def test_rho_and_ranks_are_scipys(levels):
    draw = np.random.default_rng(levels)
    a, b = draw.integers(0, levels, (2, 100))
    b = a + b
    assert ranks(a).tolist() == stats.rankdata(a).tolist()
    assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)


def test_what_has_no_rho():
    assert np.isnan(spearman([1, 1, 1], [1, 2, 3]))
    assert np.isnan(spearman([1], [2]))
    with pytest.raises(BadInput, match="same length"):
        spearman([1, 2], [1, 2, 3])
    with pytest.raises(BadInput, match="NaN"):
        spearman([1, 2], [1, np.nan])


@pytest.mark.parametrize("ignore_case", [True, False])
def test_pairs_as_gensim(tmp_path, ignore_case):
    peer = pytest.importorskip("gensim.models").KeyedVectors(5)
    draw = np.random.default_rng(0)
    words = ["Love", "love", *(f"w{i}" for i in range(60))]
    unit = draw.standard_normal((62, 5)).astype(np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    peer.add_vectors(words, unit)
    pool = ["LOVE", *words, "none"]
    pairs = [(pool[i], pool[j], float(r)) for i, j, r in draw.integers(0, 64, (80, 3))]
    file = tmp_path / "pairs.tsv"
    file.write_text("".join(f"{a}\t{b}\t{r}\n" for a, b, r in pairs))
    _, rho, missing = peer.evaluate_word_pairs(str(file), case_insensitive=ignore_case)
    ours = similarity_score(words, unit, pairs, ignore_case=ignore_case)
    assert ours.spearman == pytest.approx(rho.statistic, abs=1e-4)  # cosines rounded differently
    assert 100 * ours.skipped / 80 == pytest.approx(missing)
    assert ours.pairs + ours.skipped == 80
    assert ours.skipped > 0

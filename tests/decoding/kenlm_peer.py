"""KenLM, word by word: its own module, and the copy of it that flashlight-text carries."""

import importlib.util


def _by_kenlm(path, words):
    import kenlm

    return [part[0] for part in kenlm.Model(str(path)).full_scores(" ".join(words))]


def _by_flashlight(path, words):
    from flashlight.lib.text.decoder.kenlm import KenLM
    from flashlight.lib.text.dictionary import Dictionary

    numbers = Dictionary()
    for word in dict.fromkeys(words):
        numbers.add_entry(word)
    model = KenLM(str(path), numbers)
    state, scores = model.start(False), []
    for word in words:
        state, score = model.score(state, numbers.get_index(word))
        scores.append(score)
    return [*scores, model.finish(state)[1]]


def _there(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


PEERS = {  # name -> log10 p of each word of a sentence and of its end
    name: scores
    for name, (module, scores) in {
        "kenlm": ("kenlm", _by_kenlm),
        "flashlight": ("flashlight.lib.text", _by_flashlight),
    }.items()
    if _there(module)
}
assert PEERS, "the tests need kenlm or flashlight-text: pip install '.[test]'"

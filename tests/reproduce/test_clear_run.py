"""--fresh removes a run and nothing else; weights of other settings are not overwritten."""

import pytest

from tests.helpers.small_weights import write_weights
from zoo.data.vectors import word_counts
from zoo.engine.checkpoint import Checkpoints
from zoo.errors import BadInput, Busy
from zoo.predictors.speech_decoder import ENDING
from zoo.recipes.common.recipe import get_recipe
from zoo.recipes.common.record import file_name
from zoo.reproduce.clear_run import clear_run, refuse_other_weights


@pytest.fixture
def folder(tmp_path):
    """A run with two seeds, and what is not of it."""
    write_weights(tmp_path, tag="mine")
    write_weights(tmp_path, tag="other")
    names = [of("lenet5.mine") for of in (file_name, word_counts.file_name)]
    for name in (*names, f"lenet5.mine{ENDING}"):
        (tmp_path / name).write_text("")
    for seed in ("seed-0", "seed-1"):
        (tmp_path / seed / "checkpoints").mkdir(parents=True)
        (tmp_path / seed / "log.jsonl").write_text("")
    (tmp_path / "notes.txt").write_text("mine")
    return tmp_path


def test_a_run_is_removed_and_nothing_else(folder):
    clear_run(folder, "lenet5.mine")
    left = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert left == {"lenet5.other.json", "lenet5.other.safetensors", "notes.txt"}


def test_not_while_another_process_trains_there(folder):
    with Checkpoints(folder / "seed-1" / "checkpoints"), pytest.raises(Busy):
        clear_run(folder, "lenet5.mine")
    assert (folder / "lenet5.mine.safetensors").exists()


def test_weights_of_other_settings_are_refused_where_no_checkpoint_does(tmp_path):
    recipe = get_recipe("lenet5.digits")
    refuse_other_weights(recipe, tmp_path, anyway=False)  # nothing there
    write_weights(tmp_path, tag="digits")
    with pytest.raises(BadInput, match="holds another run: .*steps was 0, is 1200"):
        refuse_other_weights(recipe, tmp_path, anyway=False)
    refuse_other_weights(recipe, tmp_path, anyway=True)
    (tmp_path / "checkpoints").mkdir()  # which refuse for themselves
    refuse_other_weights(recipe, tmp_path, anyway=False)

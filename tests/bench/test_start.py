"""Starting: what a prediction imports, and the table of what that costs."""

import json
import subprocess
import sys

import pytest
from PIL import Image

from zoo import cards
from zoo.bench import start
from zoo.errors import BadFile
from zoo.loading import tasks

# what takes long to import and is for training or plots; torchaudio takes 0.03 s and resamples
HEAVY = {
    "gensim", "matplotlib", "networkx", "numba", "onnx", "onnxruntime", "pandas",
    "scipy", "sklearn", "sympy", "tensorboard", "torch._dynamo", "torch._inductor",
    "torch.distributed.tensor", "torch.onnx", "torch.utils.tensorboard",
    "torchvision",
}  # fmt: skip

# torchvision has the non-maximum suppression of detectors, and brings more with it
OF_DETECTORS = HEAVY - {
    "gensim", "matplotlib", "networkx", "numba", "onnx", "onnxruntime", "pandas", "scipy",
    "sklearn", "tensorboard", "torch.utils.tensorboard",
}  # fmt: skip

PREDICT = """
import json, sys
from zoo.cli.main import main
found = {}
for name, text in json.loads(sys.argv[1]):
    assert main(["predict", name, text, "--device", "cpu"]) == 0
    found[name] = sorted(set(json.loads(sys.argv[2])) & set(sys.modules))
print("FOUND", json.dumps(found))
"""


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """Of one set of weights for each architecture that ships: the input as the bench gives it."""
    folders = ((name, tmp_path_factory.mktemp("input")) for name in start.shipped())
    return {name: start.raw_input(name, folder) for name, folder in folders}


def test_no_prediction_imports_what_it_does_not_need(inputs):
    assert {cards.card(name).task for name in inputs} == set(tasks())
    detectors = [name for name in inputs if cards.card(name).task == "detection"]
    ordered = [(name, inputs[name]) for name in (*inputs.keys() - detectors, *detectors)]
    words = [json.dumps(ordered), json.dumps(sorted(HEAVY))]
    done = subprocess.run(
        [sys.executable, "-c", PREDICT, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.split("FOUND")[1])
    assert {name: set(found[name]) - OF_DETECTORS for name in detectors} == {
        name: set() for name in detectors
    }
    assert {name: found[name] for name, _ in ordered[: -len(detectors)]} == {
        name: [] for name in inputs.keys() - detectors
    }


def test_the_input_is_that_of_the_test_vector(inputs):
    for name, text in inputs.items():
        if text.endswith(".png"):
            with Image.open(text) as image:
                assert min(image.size) > 1
        elif not text.endswith(".wav"):
            assert text == cards.card(name).test_vector["input"]
    assert sum(text.endswith(".wav") for text in inputs.values()) == 2
    assert sum(text.endswith(".png") for text in inputs.values()) > 5


def test_a_row_measures_both_processes():
    (row,) = start.run(1, weights=("lenet5.digits",))
    assert len(row.cells()) == len(start.HEAD)
    assert row.torch > 0.1
    assert 0 <= row.itself < row.predict
    assert row.ratio == pytest.approx((row.predict - row.itself) / row.torch)


def test_a_process_that_fails_is_an_error():
    with pytest.raises(BadFile, match="failed: .*no weights 'nothing'"):
        start._cpu_of(["-m", "zoo", "predict", "nothing", "x"])

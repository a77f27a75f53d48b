"""Every file here is a set that ``zoo data`` finds by its name."""

import inspect
import json
from importlib import import_module
from pathlib import Path

import pytest

import zoo.datasets
from zoo.datasets import dataset, list_datasets
from zoo.errors import UnknownName

NAMES = list_datasets()


def test_the_list_is_the_folder():
    files = Path(zoo.datasets.__file__).parent.glob("*.py")
    assert {path.stem for path in files} - {"__init__"} == set(NAMES)
    assert {"digits", "mnist", "fashion_mnist", "cifar10", "alexa", "novels"} < set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_set_is_read_by_a_function_of_its_name_without_arguments(name):
    read = getattr(import_module(f"zoo.datasets.{name}"), name)
    parameters = inspect.signature(read).parameters.values()
    assert all(p.default is not inspect.Parameter.empty for p in parameters)


QUICK = (
    *("digits", "wnut17", "tiny_shakespeare", "debiaswe", "google_analogies", "wordsim353"),
    *("polarity", "fsdd", "fashion_mnist", "omniglot", "olivetti"),
)
SLOW = [pytest.param(name, marks=pytest.mark.long) for name in ("alexa", "cifar10_jpeg", "novels")]


@pytest.mark.parametrize("name", [*QUICK, *SLOW])
def test_a_set_says_what_it_is(zoo_data, name):
    data = dataset(name)
    assert data.name
    assert data.licence
    assert all(len(part) > 0 for part in data.parts().values())
    assert len(data.digest()) == 64
    assert json.dumps(data.about())  # for zoo data NAME --json


def test_an_unknown_name_gives_the_near_ones():
    with pytest.raises(UnknownName, match="no data set 'mnits'; did you mean mnist"):
        dataset("mnits")

"""COCO's classes: how many, and the id of each, against the file of COCO-100."""

import gzip
import json

import pytest

from zoo.ops.boxes.coco_names import IDS, NAMES


def test_eighty_of_ninety():
    assert len(NAMES) == len({*NAMES}) == len(IDS) == 80
    assert dict(zip(NAMES, IDS, strict=True))["toothbrush"] == 90


def test_the_names_and_ids_are_those_of_a_published_file(zoo_data):
    path = zoo_data / "coco100" / "instances_val2014_100.json.gz"
    if not path.exists():
        pytest.skip(f"no coco100 in {zoo_data}")
    with gzip.open(path) as file:
        given = json.load(file)["categories"]
    assert [(one["name"], one["id"]) for one in given] == list(zip(NAMES, IDS, strict=True))

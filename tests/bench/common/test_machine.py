"""What stands below a table."""

import torch

from zoo.bench.common.machine import footnote, machine

FACTS = {"machine": "an abacus, 2 threads", "cpu": "AVX2", "torch": "2", "torchvision": "3"}


def test_the_footnote_names_the_machine_the_versions_and_the_rounds():
    where = "an abacus, 2 threads (AVX2), torch 2, torchvision 3; "
    assert footnote(FACTS, 7) == f"{where}at most 7 rounds."
    assert footnote(FACTS, 1) == f"{where}one round."


def test_the_facts_are_those_of_this_machine():
    facts = machine()
    assert facts["torch"] == torch.__version__
    assert f"{torch.get_num_threads()} threads" in facts["machine"]

"""Parameters of tests that `make test` leaves to `make proofs`."""

from typing import Any

import pytest


def long_if(condition: bool, *values: Any) -> Any:
    """One set of parameters; marked long when the condition holds."""
    return pytest.param(*values, marks=[pytest.mark.long] if condition else [])

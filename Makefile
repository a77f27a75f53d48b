# make demo: install, train LeNet-5 on scikit-learn's digits, compare, predict one
# make test: install, then tests, doctests, ruff, mypy

PYTHON ?= python3
BIN := .venv/bin
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: demo test install faults proofs ledger index clean

demo: install
	$(BIN)/zoo reproduce lenet5.digits --fresh
	$(BIN)/zoo predict runs/lenet5.digits runs/lenet5.digits/example.png

test: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

# What takes minutes: 40 kills of the real command line, 10,000 bit flips of each file, generated code.
faults: install
	$(BIN)/python -m pytest -q -m long tests/test_faults.py tests/engine

# All else that is long: large networks, every number of a card, hours of sound.
proofs: install
	$(BIN)/python -m pytest -q -m long tests --ignore=tests/test_faults.py --ignore=tests/engine

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

# Renew the tables of README and LEDGER from the cards, and the light index from the registry.
ledger: install
	$(BIN)/zoo reproduce --ledger README.md
	$(BIN)/zoo reproduce --ledger LEDGER.md

index: install
	$(BIN)/python scripts/write_index.py

clean:
	rm -rf .venv dist runs .pytest_cache .mypy_cache .ruff_cache .hypothesis

VENV ?= .venv
PYTHON ?= $(shell .ci/find-python 3.11 3.12 3.13 3.10)
ARGS ?= experiment=quickstart
LOGDIR ?= outputs
BIN := $(VENV)/bin
# One worker more than cores: a tenth of the time, tests wait for the processes that they start.
WORKERS := -n $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 ))) --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# Tests start Python hundreds of times: bytecode saves each of them from compiling the project again.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help install install-dev train pretrained test test-quick test-stack test-habana faults lint format tensorboard bench lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(VENV)/.installed ## make .venv and install the lock into it

install-dev: $(VENV)/.installed-dev ## the same with what tests, benchmarks and checks use besides

# --no-deps: the locks are complete, and a resolver would bring a second TensorFlow on Python 3.10.
# --editable: the launcher that runs is the one of this checkout. Hydra finds it in a plain folder of the path only: compat.
PIP_INSTALL = $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps
# uv installs a lock in a fraction of pip's time, and checks the same hashes. pip does it where uv cannot.
UV_INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes --compile-bytecode
LOCK_INSTALL = sh -c '$(PIP_INSTALL) uv && $(UV_INSTALL) -r $$0' $(1) 2>/dev/null || $(PIP_INSTALL) -r $(1)

$(VENV)/.installed: requirements.txt .ci/tensorflow-as-cpu/pyproject.toml launchers/pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: no Python 3.10 to 3.13 found; give one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@echo "installing into $(VENV) with $$($(PYTHON) --version), some 2 GB"
	@$(PYTHON) -m venv --clear $(VENV) || { echo "error: this Python cannot make virtual environments; on Debian: apt install python3-venv"; exit 1; }
	@$(call LOCK_INSTALL,requirements.txt)
	@if $(BIN)/python -c 'import sys; sys.exit(sys.version_info >= (3, 11))'; then $(PIP_INSTALL) --no-build-isolation ./.ci/tensorflow-as-cpu; fi
	@$(PIP_INSTALL) --no-build-isolation --config-settings editable_mode=compat --editable ./launchers
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	@$(call LOCK_INSTALL,requirements-dev.txt)
	@touch $@

train: install ## train a first cleaner on synthetic signatures; other runs: make train ARGS="dataset=cedar"
	@$(BIN)/python train.py $(ARGS)

# The recipes of the pretrained models; the cards keep their sentences on what the models do badly.
CLEANER ?= experiment=pretrained_cleaner
DETECTOR ?= experiment=pretrained_detector

pretrained: install ## retrain the pretrained models and pack them into models/pretrained
	@$(BIN)/python train.py $(CLEANER) run_dir=outputs/cleaner/pretrained
	@$(BIN)/python train.py mode=pack run_dir=outputs/cleaner/pretrained
	@$(BIN)/python train.py $(DETECTOR) run_dir=outputs/detector/pretrained
	@$(BIN)/python train.py mode=pack run_dir=outputs/detector/pretrained

test: install-dev ## run the whole test suite
	@$(PYTEST) $(WORKERS) --durations=25

test-quick: install-dev ## run the tests that take seconds
	@$(PYTEST) $(WORKERS) -m "not slow"

# Of both stacks: what NumPy, OpenCV, Pillow and TensorFlow of other versions can change. Command line, launcher and faults
# depend on Hydra and mpirun, which are the same on both.
STACK := tests/data tests/models tests/engine/hardware tests/engine/training tests/test_project.py

test-stack: install-dev ## run the quick tests of what differs between Python 3.10 and later: data, models, training
	@$(PYTEST) $(WORKERS) -m "not slow" $(STACK)

faults: install-dev ## try every fault at 20 random moments and write docs/reliability.md, an hour and a half; needs root
	@$(PYTEST) $(WORKERS:loadfile=load) -m fault --moments=20 --reliability=docs/reliability.md

test-habana: install-dev ## train on pretended Gaudi cards with Habana's wheel: make test-habana PYTHON=python3.10 VENV=.venv-3.10
	@$(PYTEST) tests/engine/hardware/test_habana_conformance.py

lint: install-dev ## check format, style and types
	@$(BIN)/ruff format --check --diff .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: install-dev ## format the code and fix what can be fixed
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

tensorboard: install ## show curves, pictures and sweeps of all runs at http://localhost:6006; of one: LOGDIR=<folder>
	@PYTHONWARNINGS=ignore TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/tensorboard --logdir $(LOGDIR)

bench: install-dev ## measure what the README claims, some minutes on an idle machine
	@for script in benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-annotate --custom-compile-command "make lock"

lock: install ## resolve requirements.in and requirements-dev.in anew into requirements.txt and requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(COMPILE) --override requirements.overrides requirements.in -o requirements.txt
	@$(COMPILE) --constraint requirements.txt requirements-dev.in -o requirements-dev.txt

clean: ## remove .venv and the caches; runs in outputs/ stay
	@rm -rf $(VENV) data/cache .pytest_cache .ruff_cache .mypy_cache

# make run    project the six regions into out/, as known today beside as known at the opening
#                                                       (others: make run SCENARIOS="jiangxi/as_planned")
# make test   the whole test suite                      (fewer: make test PYTEST_ARGS="tests/scenario")
# make bench  figures of speed beside their goals        (others: make bench BENCH_ARGS="--lanes 1000")
# make lint   style and types
# Each of them first builds .venv from requirements.lock. Needs Python 3.11 or newer and make, nothing else.

PYTHON ?= python3
VENV ?= .venv
REGIONS ?= china jiangxi hubei xuzhou haiyan jingdezhen
SCENARIOS ?= $(foreach region,$(REGIONS),$(region)/baseline $(region)/as_planned)
OUT ?= out
RUN_ARGS ?=
PYTEST_ARGS ?= -n auto --dist loadfile
BENCH_ARGS ?=

BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test bench lint clean
.DELETE_ON_ERROR:

run: $(READY)
	$(BIN)/python -m simengine.kernels.warm
	$(BIN)/simengine run $(SCENARIOS) --out $(OUT) $(RUN_ARGS)

test: $(READY)
	$(BIN)/python -m simengine.kernels.warm
	$(BIN)/python -m pytest $(PYTEST_ARGS)

bench: $(READY)
	$(BIN)/simengine bench $(BENCH_ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "simengine needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || echo missing)." \
		       "Name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "This Python cannot make virtual environments (module venv or ensurepip is missing)." \
		       "On Debian and Ubuntu: apt-get install python3-venv; then run make again." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing from requirements.lock into $(VENV) (first run, or the lock changed)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

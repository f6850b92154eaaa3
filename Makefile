# Undersigned. `make help` lists what there is.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
EXTRAS_DEMO := --extra rehearsal
EXTRAS_DEV := --extra rehearsal --extra dev

.DEFAULT_GOAL := help

.PHONY: help
help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 14

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Undersigned needs Python 3.11 or later; $(PYTHON) is older. Try: make PYTHON=python3.12 …" >&2; exit 1; }
	@if [ -n "$(UV)" ]; then uv venv --quiet --allow-existing --python "$$(command -v $(PYTHON))" $(VENV); \
	else $(PYTHON) -m venv $(VENV); fi
	@touch $@

# $(call install,REQUIREMENTS): the pinned and hashed requirements, then this checkout, editable.
define install
	@if [ -n "$(UV)" ]; then uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) \
	  && uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) \
	  && $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; fi
	@touch $(2)
endef

$(VENV)/.demo: $(VENV)/.made requirements/demo.txt pyproject.toml
	$(call install,requirements/demo.txt,$@)

$(VENV)/.dev: $(VENV)/.made requirements/dev.txt pyproject.toml
	$(call install,requirements/dev.txt,$@)

.PHONY: demo
demo: $(VENV)/.demo  ## rehearse the example campaign on this machine: one letter, all the way
	@$(BIN)/undersigned demo
	@echo "Look at it in a browser: make console"

.PHONY: console
console: $(VENV)/.demo  ## look at the finished demo in a browser
	@$(BIN)/undersigned console rehearsal var/demo

.PHONY: check
check: $(VENV)/.dev  ## lint, types, arrows, and the tests of the pure rooms; under a minute
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@mkdir -p var && $(BIN)/lint-imports --no-cache > var/lint-imports.txt 2>&1 || { cat var/lint-imports.txt; exit 1; }
	@$(BIN)/python -m pytest -q -n 2 -m "not costly" tests/domain tests/reading tests/writing

.PHONY: test
test: $(VENV)/.dev  ## the whole suite on private servers, with its coverage gates
	@bin/test

ROUNDS ?= 10
SEED ?= 1

.PHONY: faults
faults: $(VENV)/.dev  ## whole campaigns under fire, and what the servers truly got (ROUNDS=50 SEED=7)
	@$(BIN)/python -m tests.faults --rounds $(ROUNDS) --seed $(SEED)

# $(call extra,NAME,MODULE): an extra that only a long run needs, unless its module is there.
define extra
	@$(BIN)/python -c 'import $(2)' 2>/dev/null || \
	  if [ -n "$(UV)" ]; then uv pip install --quiet --python $(BIN)/python -e '.[$(1)]'; \
	  else $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$(1)]'; fi
endef

.PHONY: accuracy
accuracy: $(VENV)/.dev  ## what the reader makes of the corpus: figures by language, and every miss
	$(call extra,compare,talon)
	@$(BIN)/python -m tests.reading.accuracy

BENCH_COUNT ?= 5000
BENCH_ROUNDS ?= 5

.PHONY: bench
bench: $(VENV)/.dev  ## how fast it is beside others, in turns (BENCH_COUNT=500 BENCH_ROUNDS=3 is quick)
	$(call extra,compare,mailparser_reply)
	@$(BIN)/python -m benchmarks.reading
	@$(BIN)/python -m benchmarks.letter
	@$(BIN)/python -m benchmarks.sending $(BENCH_COUNT) $(BENCH_ROUNDS)
	@$(BIN)/python -m benchmarks.receiving $(BENCH_COUNT) $(BENCH_ROUNDS)
	@$(BIN)/python -m benchmarks.latency
	@$(BIN)/python -m benchmarks.console

FUZZ_SECONDS ?= 300

.PHONY: fuzz
fuzz: $(VENV)/.dev  ## look for messages that crash the reader or cost too much (FUZZ_SECONDS=300)
	$(call extra,fuzz,atheris)
	@mkdir -p var/fuzz
	@$(BIN)/python -m tests.reading.fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=65536 \
	  -timeout=5 -artifact_prefix=var/fuzz/ var/fuzz tests/corpus/replies/messages

.PHONY: screenshots
screenshots: $(VENV)/.dev  ## pictures of every page of the console under var/ (after make demo)
	@$(BIN)/python -m tests.browser.screenshots

.PHONY: htmx
htmx:  ## fetch the console's copy of htmx again, from its npm package (needs npm)
	@mkdir -p var/htmx && cd var/htmx && npm pack --silent htmx.org@2 && tar xzf htmx.org-*.tgz
	@cp var/htmx/package/dist/htmx.min.js templates/console/static/htmx.min.js
	@cp var/htmx/package/LICENSE templates/console/static/htmx.LICENSE

.PHONY: lock
lock:  ## resolve the requirements again (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" -c requirements/run.txt $(EXTRAS_DEMO) pyproject.toml requirements/build.in -o requirements/demo.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" -c requirements/demo.txt $(EXTRAS_DEV) pyproject.toml requirements/build.in -o requirements/dev.txt

.PHONY: clean
clean:  ## remove what the targets made
	rm -rf $(VENV) var build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Two commands to begin with: `make demo` and `make test`. Needs Python 3.11+ and make, nothing else
# (Debian and Ubuntu: apt install make python3-venv). Another Python: make test PYTHON=python3.12
# Without make: python scripts/bootstrap.py, then the environment's Python as below.

HERE := $(shell dirname '$(strip $(MAKEFILE_LIST))')
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) scripts/bootstrap.py
# PYTHON named by the user decides; otherwise an environment that exists is kept.
EXACT = $(if $(filter command line environment,$(origin PYTHON)),--exact)
BIN = $(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN = cd '$(HERE)' && $(BOOTSTRAP) $(EXACT) && .venv/$(BIN)/python
# Tests of one file stay in one process: they share servers and databases.
PARALLEL ?= --numprocesses=logical --maxprocesses=4 --dist=loadfile
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo docs test check coverage format test-all-pythons test-lowest faults fuzz gaps clients record bench bench-ledger

help:  ## Show this list.
	@grep -hE '^[a-z-]+:.*  ## ' '$(HERE)/Makefile' | sed -e 's/:.*  ## /\t/' | expand -t 20

demo:  ## See both frameworks answer, stream, call a tool, think aloud, and what it cost.
	@$(RUN) examples/demo.py $(ARGS)

test:  ## Run every test. Pass options with ARGS="-k reasoning -x".
	@$(RUN) -m pytest $(PARALLEL) $(ARGS)

check:  ## Format, lint, types, import rules: what CI runs before the tests.
	@$(RUN) scripts/check.py

coverage:  ## Measure what the tests of core and adapters reach, and hold the floor. Takes as long as `make test`.
	@$(RUN) scripts/measure_coverage.py $(ARGS)

format:  ## Format the code and mend what the linter can mend.
	@$(RUN) -m ruff format . && .venv/$(BIN)/python -m ruff check --fix .

test-all-pythons:  ## Run the tests on every supported Python that this machine has. ARGS="--strict" wants all.
	@$(RUN) scripts/test_all_pythons.py $(ARGS)

test-lowest:  ## Run the tests with the oldest dependencies that pyproject.toml allows.
	@cd '$(HERE)' && $(BOOTSTRAP) --venv .venvs/lowest --lowest && .venvs/lowest/$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

faults:  ## Play every fault of a raw server to every kind of call. ARGS="--only gzip" takes some.
	@$(RUN) -m tests.faults.matrix $(ARGS)

.PHONY: fuzz
fuzz:  ## Ask the emulator what the API's document allows and what it does not. ARGS="--seconds 1800" for longer.
	@$(RUN) scripts/fuzz.py $(ARGS)

.PHONY: lock
lock:  ## Write requirements-dev.lock anew: every dependency with its hashes.
	@$(RUN) -m uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --quiet --upgrade --output-file requirements-dev.lock

.PHONY: check-wheel
check-wheel:  ## Install the wheel with each extra into an empty environment, and see that it does what it promises.
	@$(RUN) scripts/check_wheel.py $(ARGS)

.PHONY: lint-files
lint-files:  ## Lint the workflows and CITATION.cff with the linters made for them.
	@$(RUN) scripts/lint_files.py

.PHONY: load
load:  ## Hold 2,000 calls and 500 streams for five minutes under faults. ARGS="--seconds 60" takes less.
	@$(RUN) -m tests.load.run $(ARGS)

.PHONY: fuzz-answers
fuzz-answers:  ## Change answers at random and read them, for an hour. ARGS="--minutes 5" takes less.
	@$(RUN) -m tests.fuzz $(ARGS)

gaps:  ## Show what the official langchain-openrouter loses and this keeps, test by test.
	@$(RUN) scripts/gaps.py $(ARGS)

clients:  ## Let programs that others wrote do their job with our models. ARGS="--short", "--list", "--only NAME"
	@$(RUN) scripts/clients.py $(ARGS)

.PHONY: bench-bulk
bench-bulk:  ## What bulk jobs promise, at full size: 10,000 prompts, ten kills, 20,000 chunks; CPU and memory of 100,000.
	@$(RUN) benchmarks/bulk_job.py && .venv/$(BIN)/python benchmarks/bulk_promises.py $(ARGS) \
	&& BULK_KILLS=10 .venv/$(BIN)/python -m pytest -q tests/openrouter_core/bulk/test_killed.py

.PHONY: clusters
clusters:  ## Let Ray Data, Spark and Dask carry out jobs on a local cluster. ARGS="--only fleet"
	@$(RUN) scripts/clusters.py $(ARGS)

record:  ## Record the cassettes anew, from the emulator.
	@$(RUN) -m pytest -m vcr --record-mode=rewrite -W "ignore:Benchmark fixture" $(ARGS)

docs:  ## Build the documentation site into build/site. ARGS=--serve shows it while you write.
	@$(RUN) scripts/docs.py $(ARGS)

.PHONY: pictures
pictures:  ## Draw the pictures of the README and the site anew.
	@$(RUN) scripts/make_pictures.py $(ARGS)

bench-ledger:  ## Time the questions to a ledger of a million calls. ARGS="--calls 100000" takes less.
	@$(RUN) benchmarks/ledger_size.py $(ARGS)

bench:  ## Measure ours, the peers and the floors side by side. ARGS="--quick" takes three minutes.
	@$(RUN) benchmarks/run.py $(ARGS)

# Everything runs in .venv, made on first use with whatever Python 3.12 is found.
VENV := .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: venv demo test test-saleor test-others bench lint types messages schema clean

venv: $(READY)

$(READY): setup.cfg pyproject.toml
	@echo "Making $(VENV) …" >&2
	@python=$$(sh .ci/find-python) && "$$python" -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet -e '.[test]' >&2
	@touch $@

# Two parts at a time, those that take longest first; each says how it went when it is over.
ROOMS := exchange payments messaging receipts circle orders outbox history
PARTS := saleor others $(ROOMS)

test: venv
	@$(MAKE) --no-print-directory --keep-going --jobs=2 --output-sync $(PARTS:%=test-%)

test-saleor:
	@$(PYTHON) -m tests.saleor

test-others:
	@$(PYTHON) -m pytest -p no:cacheprovider $(ROOMS:%=--ignore=tests/%)

test-%:
	@$(PYTHON) -m pytest -p no:cacheprovider tests/$*

# Figures on a real Saleor (SALEOR_ROOT or ~/saleor), one JSON object a line.
bench: venv
	@$(PYTHON) -m tests.benchmarks

demo: venv
	$(PYTHON) -m saleor_1c_plugin.sandbox.demo

lint: venv
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types: venv
	$(PYTHON) -m mypy

# Brings the translations in line with the sources, and compiles them.
messages: venv
	$(PYTHON) -m tests.messages

# Writes the storefront's GraphQL schema as it is now.
schema: venv
	$(PYTHON) -m tests.schema

clean:
	rm -rf $(VENV) .sandbox build *.egg-info

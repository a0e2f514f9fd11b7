# Everything runs in .venv, made on first use with whatever Python 3.12 is found.
VENV := .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: venv demo test bench lint types messages schema clean

venv: $(READY)

$(READY): setup.cfg pyproject.toml
	@echo "Making $(VENV) …" >&2
	@python=$$(sh .ci/find-python) && "$$python" -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet -e '.[test]' >&2
	@touch $@

# Two at a time: beside most of our own tests run those that wait for workers which they kill,
# and then those inside Saleor.
WAITING := tests/exchange

test: venv
	@($(PYTHON) -m pytest $(WAITING) -p no:cacheprovider; waiting=$$?; \
	$(PYTHON) -m tests.saleor; exit $$((waiting + $$?))) >.beside.log 2>&1 & \
	$(PYTHON) -m pytest $(addprefix --ignore=,$(WAITING)); rest=$$?; \
	wait $$!; beside=$$?; cat .beside.log; rm .beside.log; exit $$((rest + beside))

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

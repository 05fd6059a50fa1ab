# Two commands do all the set-up on a fresh machine: `make grade` grades exercises/, `make test` runs our own tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: grade test
grade: $(VENV)/.grade
	$(BIN)/pytest autograder

test: $(VENV)/.test
	CHECK=$(BIN) bash tests/run

$(VENV)/bin/uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check uv

$(VENV)/.grade: pyproject.toml | $(VENV)/bin/uv
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --editable .
	touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/uv
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --editable '.[test]'
	touch $@ $(VENV)/.grade

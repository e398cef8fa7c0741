# Two commands do everything on a fresh machine: `make up` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
STACK ?= sandbox
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help install engine up down test check format matrix estate examples bench

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.installed ## Make the virtual environment

.venv/.installed: pyproject.toml constraints.txt policies/requirements.txt policies/constraints.txt
	@scripts/install "$(PYTHON)"

engine: install ## Get a Pulumi engine where there is none
	@$(BIN)/python toolchain/engine.py > .venv/.engine

up: engine ## Bring the stack up on the sandbox and prove that a pipeline can use each connection
	@scripts/up "$(STACK)"

down: engine ## Destroy the stack and stop the sandbox
	@scripts/down "$(STACK)"

test: engine ## Run all tests
	@scripts/test

check: install ## Check format, lint, types, the schema and the documentation
	@scripts/check

format: install ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only .

matrix: engine ## Bring up and prove every kind of connection; write docs/matrix.md
	@scripts/matrix

estate: engine ## Convert, revert and adopt hundreds of connections that exist; write docs/estate.md
	@scripts/estate

examples: engine ## Run every example on the sandbox, prove it and take it down again
	@source scripts/environment && python -m examples

bench: engine ## Measure; one JSON object a row
	@scripts/bench

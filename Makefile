# dive-tools: `make` lists the targets; each does its own set-up.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

CPUS := $(shell getconf _NPROCESSORS_ONLN)

# knobs of the pipelines: set them on the command line (make demo N=200), never by the environment
N := 1000#            setups
SEED := 0#            of every random choice
K := 3#               rounds of collecting and deriving
DOMAINS := academia biology chemistry finance general geography medicine software#
SEEDS := 5000#       seeds of each domain that synth draws from
JOBS := $(CPUS)# worker processes of the heavier stages
B := build/synth#     where files go
MODEL := symbolic#    who collects and derives: symbolic (no model), or openai:NAME
SOLVER :=#            a model that tries each task in dive-verify, to drop what needs no tool
MODEL_OPTIONS :=#     where it is and how it is asked: --endpoint URL --budget tokens=5e6
IN_FLIGHT := 32#      requests at once of each stage that asks a model

PYTHON ?= python3
VENV := .venv
export PATH := $(CURDIR)/bin:$(CURDIR)/$(VENV)/bin:$(PATH)
READY := $(VENV)/.ready-tools
READY_DEV := $(VENV)/.ready-dev

include pipelines/synth.mk
include pipelines/eval.mk
include pipelines/serve.mk
include pipelines/demo-train.mk
include pipelines/sft.mk
include pipelines/rl.mk
include pipelines/reproduce.mk

.PHONY: help setup setup-dev test test-train check format bench bench-eval bench-train bench-long bench-models samples clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(READY): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[tools,sources]'
	touch $@

$(READY_DEV): $(READY)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[tools,dev]'
	touch $@

setup: $(READY)  ## a virtual environment in the checkout, with every domain's libraries

setup-dev: $(READY_DEV)  ## the same, with what tests and checks need

test: $(READY_DEV)  ## the tests (tests/servers/install brings the public MCP servers that some talk to)
	$(VENV)/bin/python -m pytest -n $(CPUS) --ignore tests/training

test-train: $(TRAINS) $(READY_DEV)  ## tests of training, on tiny models
	$(VENV)/bin/python -m pytest -n $(CPUS) tests/training

check: $(READY_DEV)  ## lint, format, types, the pool, tests
	ruff check .
	ruff format --check .
	mypy
	dive-tools check
	$(VENV)/bin/python -m pytest -n $(CPUS)

format: $(READY_DEV)  ## put the code in shape
	ruff check --fix .
	ruff format .

bench: $(READY_DEV)  ## measure: JSON lines on stdout (README has them as a table)
	$(VENV)/bin/python tests/perf/bench.py

bench-models: $(READY_DEV)  ## the pipe with a model in every stage, against a server that plays it (ten minutes)
	$(VENV)/bin/python tests/perf/models.py

bench-eval: $(READY_DEV)  ## the teacher, the scorer, stored attempts (five minutes)
	$(VENV)/bin/python tests/perf/evaluation.py

bench-train: $(TRAINS)  ## the data path of SFT, steps of SFT and GRPO on the CPU (five minutes)
	$(VENV)/bin/python tests/perf/training.py

samples: $(READY)  ## write the committed seeds anew
	for domain in $(DOMAINS); do \
	  dive-tools seeds $$domain -n 200 > samples/seeds/$$domain.jsonl; done

bench-long: $(READY_DEV)  ## the same, and the memory of 100,000 records (half an hour)
	$(VENV)/bin/python tests/perf/bench.py --long

clean:  ## remove what the pipelines made
	rm -rf build

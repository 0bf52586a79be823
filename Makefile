# What each command does: make help
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test test-cluster lint bench validate networks setup lock clean

# Python's switch against bytecode makes every start of Snakemake three times slower.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/.venv/bin:$(PATH)

CORES ?= $(shell nproc)
STUDY ?= demo
ENV ?= cpu

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-12s %s\n' "$$name" "$$text"; done

demo: ## set up what is missing, run config/studies/demo.yaml, say where the report is
	@envs/setup.sh cpu
	@snakemake --profile workflow/profiles/local --cores $(CORES) --config study=$(STUDY)
	@printf '\nThe report: %s\n' "$(CURDIR)/results/$(STUDY)/report.html"

test: lint ## set up what is missing, then the linters and the tests
	@python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

test-cluster: ## faults on a real SLURM that is started for the test, as root (15 minutes)
	@envs/setup.sh dev
	@envs/setup.sh --slurm
	@python -m pytest --cluster -rs tests/cluster

lint: ## set up what is missing, then ruff, mypy, snakefmt and snakemake --lint
	@envs/setup.sh dev
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile workflow/rules
	snakemake --lint

bench: ## speed beside HSSM and pyhgf, in environments of their own, and of large studies (an hour)
	@envs/setup.sh dev
	@$(MAKE) --no-print-directory build/hssm-venv/installed build/pyhgf-venv/installed
	@python tests/bench/run.py
	@python tests/bench/catalogue.py
	@python tests/bench/networks.py
	@python tests/bench/scale.py
	@python tests/bench/dag.py

build/%-venv/installed: tests/bench/%.txt
	@echo "driftmill: installing $* into build/$*-venv"
	@python -m venv --clear build/$*-venv
	@build/$*-venv/bin/python -m pip install --quiet --require-hashes --no-deps -r $<
	@touch $@

validate: ## slow statistical checks (25 minutes)
	@envs/setup.sh dev
	@python -m pytest -n 2 -rP tests/validate/*.py
	@python -m pytest -n 2 --dist worksteal --every-model tests/models/test_protocol.py
	@python -m pytest -n 2 --dist loadfile --every-model -m long

networks: ## train the networks that come along anew, by the rules, and put them into their place (an hour)
	@envs/setup.sh networks
	@snakemake --profile workflow/profiles/local --cores $(CORES) \
		--config study=config/shipped_networks.yaml -- networks
	@python scripts/ship_networks.py config/shipped_networks.yaml

setup: ## make .venv from envs/$(ENV).txt: ENV=cpu (default), dev, gpu or networks
	@envs/setup.sh $(ENV)

lock: ## write the locks in envs/ anew from pyproject.toml
	@envs/setup.sh dev
	@envs/lock.sh

clean: ## remove results, caches and what make built; .venv stays
	rm -rf build .snakemake .mypy_cache .ruff_cache .pytest_cache workflow/driftmill.egg-info
	find results -mindepth 1 ! -name .gitkeep -delete

# What a developer types. Each target sets up what it needs first; docs/development.md says more.
SHELL := bash
PYTHON_IN_VENV := .venv/bin/python
# How many tests run side by side.
JOBS ?= 2
export PYTHON
# Without compiled modules each of the many processes would take seconds longer to start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test lint fuzz bench texts pins

help:
	@echo 'make run     set up, load a demo study, serve (FOVEA_DATA, FOVEA_HTTP and more: docs/configuration.md)'
	@echo 'make setup   set up alone'
	@echo 'make test    the whole suite, on SQLite and on PostgreSQL'
	@echo 'make lint    formatting, types, layers, migrations, spelling'
	@echo 'make fuzz    bad inputs for the readers and the REST API, for FUZZ_SECONDS (300)'
	@echo 'make bench   measure it, beside an Orthanc'
	@echo 'make texts   take new texts up into the catalogues of translations, and tell what they lack'
	@echo 'make pins    renew requirements/*.txt from requirements/*.in'

setup:
	@deploy/setup run

run: setup
	@FOVEA_DEMO=$${FOVEA_DEMO:-1} exec $(PYTHON_IN_VENV) manage.py serve --initialise

# Neighbours stay together, so that the sites which modules share are started once.
test: SIDE_BY_SIDE := -n $(JOBS) --dist worksteal
test:
	@deploy/setup test
	$(PYTHON_IN_VENV) -m pytest -q $(SIDE_BY_SIDE)
	FOVEA_TEST_DATABASE=postgresql $(PYTHON_IN_VENV) -m pytest -q $(SIDE_BY_SIDE)

lint:
	@deploy/setup lint
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy apps config benchmarks
	.venv/bin/lint-imports
	FOVEA_SECRET_KEY=not-used-here $(PYTHON_IN_VENV) manage.py makemigrations --check --dry-run
	.venv/bin/codespell

fuzz: export FUZZ_SECONDS := $(or $(FUZZ_SECONDS),300)
fuzz:
	@deploy/setup fuzz
	$(PYTHON_IN_VENV) -m pytest tests/fuzz -v --timeout 0
	$(PYTHON_IN_VENV) -m tests.fuzz.api

bench:
	@deploy/setup test
	@benchmarks/peer .orthanc || echo 'Measuring without a peer.'
	benchmarks/run --orthanc .orthanc --slices 5000 --viewer --write

texts:
	@deploy/setup run
	$(PYTHON_IN_VENV) manage.py catalogues update
	$(PYTHON_IN_VENV) manage.py catalogues check

# What torch brings along for a graphics card is for pip to choose: a machine without one has a torch without it.
pins: WITHOUT_CUDA := $(addprefix --no-emit-package=,triton cuda-bindings cuda-pathfinder cuda-toolkit \
  $(addprefix nvidia-,cublas cuda-cupti cuda-nvrtc cuda-runtime cudnn-cu13 cufft cufile curand cusolver cusparse \
  cusparselt-cu13 nccl-cu13 nvjitlink nvshmem-cu13 nvtx))
pins:
	@deploy/setup lint
	for name in base analysis reports whisper viewer locale ai test render lint fuzz; do \
	  .venv/bin/uv pip compile --quiet --upgrade --python-version 3.11 --no-header --annotation-style line \
	    requirements/$$name.in --output-file requirements/$$name.txt $(WITHOUT_CUDA) || exit; \
	done

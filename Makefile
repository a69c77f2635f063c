# Variables: set them on the command line, `make train PROFILE=demo`.

PYTHON  ?= python3
VENV    ?= .venv
# Extra arguments of pip, such as an index with CPU builds of torch.
PIP_ARGS ?=

# BS-80K as downloaded: temp.zip, or the folder it unpacks to.
BS80K   ?=
# Data set to train and evaluate on: the converted BS-80K if it exists, else the simulated one.
DATA    ?= $(if $(wildcard data/bs80k/dataset.yaml),data/bs80k/dataset.yaml,data/phantom/dataset.yaml)
# Simulated studies (two scans each), and the seed of the simulator.
STUDIES ?= 400
SEED    ?= 0

# Settings of training: a profile of configs/train.yaml, the weights to start from (the shipped ones if they exist, else
# those of the profile; or scratch, or a .pt file), more options of `bonescan_yolo.train`, and the run's folder.
PROFILE ?= full
WEIGHTS ?= $(wildcard weights/bonescan.pt)
TRAIN_ARGS ?=
RUN     ?= runs/train
# `make export` writes weights/NAME.onnx, NAME-app.onnx and NAME-app-int8.onnx. Not ?=, because Windows sets NAME to the computer's name.
NAME    = finetuned
# Model that the other targets use: the exported one if it exists, else the shipped one.
MODEL   ?= $(or $(wildcard $(EXPORTED:.onnx=-app.onnx)),weights/bonescan-app.onnx)
# Annotated scans for `make adapt`, and more options of `bonescan adapt`.
SCANS   ?=
ADAPT_ARGS ?=
# Scan, folder or pattern for `make predict`, and more options of `bonescan_yolo.predict`.
SCAN    ?=
PREDICT_ARGS ?=
# More options of `bonescan_yolo.evaluate`.
EVALUATE_ARGS ?=

# More options of pytest.
TEST_ARGS ?=

# Damaged inputs of each kind for `make fuzz`, and kills of each command for `make faults`.
FUZZ_COUNT ?= 10000
FAULT_COUNT ?= 50

# Model inside the page that `make web` builds: the self-contained 8-bit file.
PAGE_MODEL ?= weights/bonescan-app-int8.onnx

# The shipped model, for `make weights`: simulated studies, their seed (not SEED, or it would be trained on the scans
# that the other targets test on), the run's folder, and the studies of each of two hospitals on which its operating
# points are chosen.
WEIGHTS_STUDIES ?= 10000
WEIGHTS_SEED ?= 17
WEIGHTS_RUN ?= runs/weights
POINTS_STUDIES ?= 250

DEMO_STUDIES ?= 200
DEMO_RUN := runs/demo
DEMO_DATA := data/demo/dataset.yaml
WEIGHTS_DATA := data/weights/dataset.yaml
POINTS_DATA := data/points_a/dataset.yaml data/points_b/dataset.yaml
EXPORTED = weights/$(NAME).onnx
START = $(if $(WEIGHTS),--weights $(WEIGHTS))

PY := $(VENV)/bin/python
INSTALLED := $(VENV)/installed
TOOLS := $(VENV)/tools-installed
# The tools that build the documentation need Python 3.11. They are in an environment of their own, because their pins
# and those of the package need not agree.
SITE_TOOLS := $(VENV)/docs
PINS = $(VENV)/bin/uv pip compile -q --universal --python-version 3.10 --no-annotate $(PINS_ARGS) \
	--custom-compile-command "make pins"
NPM := $(shell command -v npm)
PAGE := web/dist/bonescan.html
PACKAGES := web/node_modules/.package-lock.json

.DELETE_ON_ERROR:
.PHONY: help demo data adapt train export evaluate predict weights web docs wheel test lint fuzz faults bench pins clean
.DEFAULT_GOAL := help

help:
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

demo: $(DEMO_RUN)/bonescan-app.onnx ## simulate, fine-tune the shipped weights, export it and read a scan, in minutes
	@$(PY) -m bonescan_yolo.predict.demo --data $(DEMO_DATA) --model $< --out $(DEMO_RUN)/predict

data: $(INSTALLED) ## convert BS-80K: make data BS80K=path/to/temp.zip
	@test -n "$(BS80K)" || { echo "error: BS80K: is missing; run make data BS80K=path/to/temp.zip" >&2; exit 2; }
	$(PY) -m bonescan_yolo.convert bs80k "$(BS80K)" --out data/bs80k

adapt: $(INSTALLED) ## adapt to a few annotated scans of your own: make adapt SCANS=path/to/folder
	@test -n "$(SCANS)" || { echo "error: SCANS: is missing; run make adapt SCANS=path/to/folder" >&2; exit 2; }
	$(PY) -m bonescan_yolo adapt "$(SCANS)" $(ADAPT_ARGS)

train: $(RUN)/run.json ## fine-tune on BS-80K if it is converted, else on simulated scans

export: $(EXPORTED) ## write the trained model as ONNX files, weights/NAME*.onnx: make export NAME=finetuned

evaluate: $(DATA) | $(INSTALLED) ## measure the exported model, else the shipped one, on the test split
	@test ! $(RUN)/run.json -nt $(MODEL) || \
		echo "note: $(RUN) is newer than $(MODEL), the model measured here; export the run with 'make export'" >&2
	$(PY) -m bonescan_yolo.evaluate --model $(MODEL) --data $(DATA) $(EVALUATE_ARGS)

predict: $(INSTALLED) ## read a scan: make predict SCAN=scan.png
	@test -n "$(SCAN)" || { echo "error: SCAN: is missing; run make predict SCAN=scan.png" >&2; exit 2; }
	$(PY) -m bonescan_yolo.predict "$(SCAN)" $(if $(wildcard $(MODEL)),--model $(MODEL)) $(PREDICT_ARGS)

weights: $(WEIGHTS_RUN)/points.json ## train the shipped model again from simulated scans only; resumes a stopped run
	$(PY) -m bonescan_yolo release $(WEIGHTS_RUN) --out weights --operating-points $<

web: $(PAGE) ## build the page that reads scans in a browser: web/dist/bonescan.html; needs Node.js 20

docs: $(SITE_TOOLS)/installed ## build the documentation into build/docs, links checked; needs Python 3.11
	NO_MKDOCS_2_WARNING=1 $(SITE_TOOLS)/bin/mkdocs build

# setuptools puts whatever is left in build/lib into the wheel, modules that are gone included.
wheel: $(INSTALLED) ## build the wheel into dist
	rm -rf build/lib
	$(PY) -m pip wheel --progress-bar off --quiet --no-deps --no-build-isolation --wheel-dir dist .

# Each file goes to one of the two processes, so that what its tests share is made once.
test: $(TOOLS) ## run the tests
	$(VENV)/bin/pytest -n 2 --dist loadfile $(TEST_ARGS)

lint: $(TOOLS) $(if $(NPM),$(PACKAGES)) ## check style and types
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(if $(NPM),cd web && npm run --silent lint,@echo "note: web/ is not checked because npm is not installed" >&2)

fuzz: $(TOOLS) ## read damaged input of every kind, 10,000 of each; takes hours: make fuzz FUZZ_COUNT=100
	$(PY) -m tests.fuzz --count $(FUZZ_COUNT)

faults: $(TOOLS) ## kill every command at 50 instants, fill its disk and so on: make faults FAULT_COUNT=5
	$(PY) -m tests.faults --count $(FAULT_COUNT)

bench: $(INSTALLED) ## measure speed; tables and JSON in runs/bench
	$(PY) -m benchmarks

pins: $(TOOLS) ## rewrite the requirements files from pyproject.toml; keeps the versions unless PINS_ARGS=--upgrade
	$(PINS) pyproject.toml --extra all -o requirements.txt
	$(PINS) pyproject.toml -c requirements.txt -o requirements-predict.txt
	$(PINS) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	$(subst 3.10,3.11,$(PINS)) --group docs -o requirements-docs.txt

clean: ## delete .venv and all that was built or simulated; keeps converted data, trained runs and weights
	rm -rf $(VENV) build dist web/node_modules web/dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis .coverage*
	rm -rf data/phantom data/demo data/weights data/points_a data/points_b data/sources $(DEMO_RUN) runs/predict runs/evaluate runs/bench
	find bonescan_yolo tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

# What the targets above depend on.

CONVERTER := $(wildcard bonescan_yolo/convert/*.py bonescan_yolo/convert/*/*.py)
SIMULATOR := $(wildcard bonescan_yolo/phantom/*.py bonescan_yolo/phantom/*/*.py) configs/phantom.yaml
PAGE_SOURCES := $(wildcard web/src/* web/src/*/* web/build/*)
EXPORTER := $(wildcard bonescan_yolo/export/*.py bonescan_yolo/export/*/*.py)
TRAINER := $(wildcard bonescan_yolo/train/*.py) configs/train.yaml

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "error: $(PYTHON): is not Python 3.10 to 3.13; name one, as in make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): requirements.txt requirements-predict.txt pyproject.toml | $(VENV)/bin/python
	$(PY) -m pip install --progress-bar off $(PIP_ARGS) -r requirements.txt
	$(PY) -m pip install --progress-bar off --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(TOOLS): requirements-dev.txt $(INSTALLED)
	$(PY) -m pip install --progress-bar off $(PIP_ARGS) -r requirements-dev.txt
	@touch $@

$(SITE_TOOLS)/installed: requirements-docs.txt | $(VENV)/bin/python
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PY) is not Python 3.11 or later, which the documentation needs; " \
		"name one: make docs VENV=.venv-docs PYTHON=python3.12" >&2; exit 2; }
	$(PY) -m venv $(SITE_TOOLS)
	$(SITE_TOOLS)/bin/pip install --progress-bar off --quiet $(PIP_ARGS) -r requirements-docs.txt
	@touch $@

$(PACKAGES): web/package.json web/package-lock.json
	@test -n "$(NPM)" || { echo "error: npm: is missing; the page needs Node.js 20 with npm, install them (nodejs.org)" >&2; exit 2; }
	cd web && npm ci --no-audit --no-fund
	@touch $@

$(PAGE): $(PAGE_MODEL) $(PACKAGES) $(PAGE_SOURCES) bonescan_yolo/version.py
	cd web && npm run --silent build -- --model $(abspath $(PAGE_MODEL)) --out $(abspath $@)

data/phantom/dataset.yaml: $(SIMULATOR) $(CONVERTER) | $(INSTALLED)
	$(PY) -m bonescan_yolo.phantom --studies $(STUDIES) --seed $(SEED) --out data/sources/phantom
	$(PY) -m bonescan_yolo.convert bs80k data/sources/phantom --out data/phantom

$(DEMO_DATA): $(SIMULATOR) $(CONVERTER) | $(INSTALLED)
	$(PY) -m bonescan_yolo.phantom --studies $(DEMO_STUDIES) --seed $(SEED) --out data/sources/demo
	$(PY) -m bonescan_yolo.convert bs80k data/sources/demo --out data/demo

$(WEIGHTS_DATA): $(SIMULATOR) $(CONVERTER) | $(INSTALLED)
	$(PY) -m bonescan_yolo.phantom --studies $(WEIGHTS_STUDIES) --seed $(WEIGHTS_SEED) --regions --out data/sources/weights
	$(PY) -m bonescan_yolo.convert bs80k data/sources/weights --split 95/1/4 --out data/weights

data/bs80k/dataset.yaml:
	@echo "error: BS-80K: is not converted yet; run make data BS80K=path/to/temp.zip" >&2; exit 2

# run.json is written when training ends; best.pt already exists after the first epoch.
$(RUN)/run.json: $(DATA) $(TRAINER) | $(INSTALLED)
	$(PY) -m bonescan_yolo.train --config configs/train.yaml --profile $(PROFILE) $(START) --data $(DATA) --out $(RUN) $(TRAIN_ARGS)

$(EXPORTED): | $(INSTALLED)
$(EXPORTED): $(RUN)/run.json $(EXPORTER)
	$(PY) -m bonescan_yolo.export $(RUN)/weights/best.pt --out $@

$(DEMO_RUN)/run.json: $(DEMO_DATA) $(TRAINER) | $(INSTALLED)
	$(PY) -m bonescan_yolo.train --config configs/train.yaml --profile demo $(START) --data $(DEMO_DATA) --out $(DEMO_RUN)

$(DEMO_RUN)/bonescan-app.onnx: $(DEMO_RUN)/run.json $(EXPORTER)
	$(PY) -m bonescan_yolo.export $(DEMO_RUN)/weights/best.pt --files app --out $(DEMO_RUN)/bonescan.onnx

# Resumes a stopped run, unless its scans were simulated again since then.
$(WEIGHTS_RUN)/run.json: $(WEIGHTS_DATA) $(TRAINER) | $(INSTALLED)
	$(PY) -m bonescan_yolo.train --config configs/train.yaml --profile weights --weights scratch --data $(WEIGHTS_DATA) \
		--out $(WEIGHTS_RUN) $(shell test ! -f $@ && test $(WEIGHTS_RUN)/weights/last.pt -nt $(WEIGHTS_DATA) && echo --resume)

# The test sets of benchmarks.adapting have other seeds.
data/points_a/dataset.yaml: $(SIMULATOR) $(CONVERTER) | $(INSTALLED)
	$(PY) -m bonescan_yolo.phantom --studies $(POINTS_STUDIES) --seed 18 --out data/sources/points_a
	$(PY) -m bonescan_yolo.convert bs80k data/sources/points_a --out data/points_a

data/points_b/dataset.yaml: $(SIMULATOR) configs/phantom_b.yaml $(CONVERTER) | $(INSTALLED)
	$(PY) -m bonescan_yolo.phantom --studies $(POINTS_STUDIES) --seed 19 --config configs/phantom_b.yaml \
		--out data/sources/points_b
	$(PY) -m bonescan_yolo.convert bs80k data/sources/points_b --out data/points_b

$(WEIGHTS_RUN)/points.json: $(WEIGHTS_RUN)/run.json $(POINTS_DATA)
	$(PY) -m bonescan_yolo fit-thresholds --model $(WEIGHTS_RUN)/weights/best.pt --data $(POINTS_DATA) --split all \
		--out $@

# The workshop's commands. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
VENV := .venv
PYTHON := $(VENV)/bin/python
ADVERTS := $(VENV)/bin/adverts
SOURCES := $(shell find src configs -name '*.py' -o -name '*.yaml' -o -name '*.j2') pyproject.toml
export MLFLOW_DISABLE_TELEMETRY := true
export TOKENIZERS_PARALLELISM := false
# Where it is set, every command compiles torch and its friends anew: more time than it then works.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup check test test-fast test-all fuzz gate-sample demo demo-mission ui kill-soak bench bench-ocr slim-install mutants surface tables docs reproduce track-sync clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

$(VENV)/installed: pyproject.toml
	@bash tests/setup.sh $(VENV)

setup: $(VENV)/installed ## make .venv and install everything into it

check: $(VENV)/installed ## ruff, mypy strict, import contracts, stale tables (fast)
	@$(VENV)/bin/ruff check src tests experiments docs/hooks
	@$(VENV)/bin/ruff format --check -q src tests experiments docs/hooks
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-cache | tail -n 12
	@$(PYTHON) experiments/tables.py --check

test: check test-fast ## check, then the fast tests, on two cores

test-fast: $(VENV)/installed ## the fast tests alone
	@OMP_NUM_THREADS=1 $(PYTHON) -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder

test-all: check ## every test, the slow tier too, on two cores (three quarters of an hour)
	@OMP_NUM_THREADS=1 $(PYTHON) -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder -m "not gpu" --durations=10

KILLS := 60
PLACED := 4
SECONDS_OF_FUZZ ?= 300
SEED ?= 0
fuzz: $(VENV)/installed ## SECONDS_OF_FUZZ=3600 SEED=1: hostile texts, pictures, bundles, lines, sources, pages, names, settings and records, measured
	@OMP_NUM_THREADS=1 PYTHONPATH=tests $(PYTHON) -m fuzz --seconds $(SECONDS_OF_FUZZ) --seed $(SEED)

kill-soak: $(VENV)/installed ## KILLS=60 PLACED=4: kill every verb at chosen places and random moments, run it again, and compare (an hour)
	@OMP_NUM_THREADS=1 PYTHONPATH=tests $(PYTHON) -m kills --kills $(KILLS) --placed $(PLACED)

gate-sample: $(VENV)/installed ## audit, train, evaluate and export on the committed sample, in a folder of its own
	@bash tests/gate_sample.sh $(ADVERTS)

# ---- demo: made-up adverts, first as text, then as pictures; every step is a command that you can type yourself ----
DEMO := runs/demo
TEXT := $(DEMO)/text
PICTURES := $(DEMO)/pictures
LATIN := data.source.languages=[en,fr] data.source.image_scripts=[Latn]
demo: $(TEXT)/done scores/demo/scored.csv $(PICTURES)/done ## two classifiers from data to answers: reports, a bundle, a scored table (five minutes on two cores)
	@$(PYTHON) -m adverts.evaluation.report.table $(TEXT)/report/report.json $(PICTURES)/report/report.json
	@echo
	@$(PYTHON) tests/first_rows.py scores/demo/scored.csv
	@echo
	@echo "reports   $(TEXT)/report/report.html  $(PICTURES)/report/report.html"
	@echo "bundle    $(TEXT)/bundle"
	@echo "scores    scores/demo/scored.csv"
	@echo "MLflow    make ui"

define step # what the step is for, and its command
	@printf '\n%s\n  $$ adverts %s\n' "$(1)" "$(2)"
	@$(ADVERTS) $(2)
endef

prepared/demo/manifest.json: $(SOURCES) | $(VENV)/installed
	$(call step,Write 1600 fictional posts in nine languages and divide them so that no template is in two parts.,$\
	prepare data=synthetic data.name=demo data.source.adverts=1600 data.source.images=0 data.columns.reviewed=null data.split.kind=made $\
	data.split.validation_fraction=0.3 data.split.test_fraction=0.37 prepared=prepared/demo)
	@touch $@

$(TEXT)/trained: prepared/demo/manifest.json
	@rm -rf $(TEXT)
	$(call step,Train a text model on a third of them. It keeps a multilingual encoder as it is.,$\
	train model=text trainer=frozen prepared=prepared/demo run_dir=$(TEXT))
	@touch $@

# 100 positive clusters are asked for elsewhere; the demo has fewer.
$(TEXT)/judged: $(TEXT)/trained
	@rm -rf $(TEXT)/report
	$(call step,Judge it on posts that it never saw. Its thresholds come from another third.,$\
	evaluate candidate=$(TEXT) prepared=prepared/demo run_dir=$(TEXT)/report min_positive_clusters=50)
	@touch $@

scores/demo/scored.csv: $(TEXT)/judged
	@mkdir -p $(@D)
	@rm -f $@
	@$(PYTHON) tests/new_posts.py $(@D)/new.csv
	$(call step,Score 300 new posts: every row of new.csv comes back with its answer.,$\
	score $(@D)/new.csv bundle=$(TEXT) scores=$@)
	@$(PYTHON) tests/first_rows.py $@

EXPORT := export checkpoint=$(TEXT) prepared=prepared/demo bundle_dir=$(TEXT)/bundle bundle.precision=fp32
READ := prepare data=synthetic data.name=demo-pictures data.source.adverts=200 data.source.images=200 $(LATIN) data.columns.reviewed=null $\
	prepared=prepared/demo-pictures

# Much of an export runs on one core: the other one reads pictures meanwhile.
$(TEXT)/done: $(TEXT)/judged scores/demo/scored.csv
	@rm -rf $(TEXT)/bundle
	@printf '\nMeanwhile, draw 200 pictures and read the text in them; what it says is shown below.\n  $$ adverts %s\n' "$(READ)"
	@$(ADVERTS) $(READ) >$(DEMO)/read.log 2>&1 & pictures=$$!; trap 'kill $$pictures 2>/dev/null || true' EXIT; \
	printf '\nWrite the model as services load it and prove that the bundle answers as it does.\n  $$ adverts %s\n' "$(EXPORT)"; \
	$(ADVERTS) $(EXPORT); printf '\nThe pictures are read:\n'; wait $$pictures || { cat $(DEMO)/read.log; exit 1; }; cat $(DEMO)/read.log
	@touch $@

$(PICTURES)/trained: $(TEXT)/done
	@rm -rf $(PICTURES)
	@test -e prepared/demo-pictures/manifest.json || $(ADVERTS) $(READ)
	$(call step,Train a model on what was read in the pictures.,$\
	train model=ocr_image prepared=prepared/demo-pictures run_dir=$(PICTURES))
	@touch $@

$(PICTURES)/done: $(PICTURES)/trained
	@rm -rf $(PICTURES)/report
	$(call step,Judge it on pictures that it never saw.,$\
	evaluate candidate=$(PICTURES) prepared=prepared/demo-pictures run_dir=$(PICTURES)/report min_positive_clusters=10)
	@touch $@

demo-mission: $(VENV)/installed ## 20,000 made-up posts from collection to removal, by every verb: runs/mission/index.html (under 15 minutes)
	@PYTHON=$(PYTHON) ADVERTS=$(ADVERTS) bash tests/mission/run.sh

.SECONDARY:

PORT ?= 5000
ui: $(VENV)/installed ## PORT=5000: MLflow on the local store; prints the link to the runs
	@$(PYTHON) -m adverts.tracking ui --port $(PORT)

bench: $(VENV)/installed ## speed and memory, as printed tables (ADVERTS_DATA=folder of the public sets)
	@$(PYTHON) -m adverts.ocr.easyocr.export
	@status=0; for script in tests/benchmarks/bench_*.py; do $(PYTHON) "$$script" || status=1; done; exit $$status

bench-ocr: $(VENV)/installed ## readers of pictures side by side (ADVERTS_DATA=folder of the public sets; under 40 minutes)
	@$(PYTHON) -m adverts.ocr.easyocr.export
	@$(PYTHON) tests/benchmarks/bench_ocr.py

runs/bench/tfidf/bundle-default/manifest.json: | $(VENV)/installed
	@PYTHONPATH=tests/benchmarks $(PYTHON) -c 'from bundle_material import made_bundle; made_bundle("tfidf")'

slim-install: runs/bench/tfidf/bundle-default/manifest.json ## pip install . into an empty environment: size, packages, --verify (needs the package index)
	@$(PYTHON) tests/slim_install.py --bundle $(<D)

mutants: $(VENV)/installed ## plant small faults in every room, one at a time, and list those that no test notices (ROOM=one of them; hours; goes on where it stopped)
	@test -e runs/mutants/.coverage || $(PYTHON) tests/mutants.py collect
	@$(PYTHON) tests/mutants.py

surface: $(VENV)/installed ## write down what users rely on, after it was changed on purpose: tests/contract/surface.json
	@PYTHONPATH=tests $(PYTHON) tests/contract/surface.py

tables: $(VENV)/installed ## rebuild every table of README, docs and experiments from results.json
	@$(PYTHON) experiments/tables.py

# The theme would print what it thinks of the next major version of MkDocs, which pyproject.toml does not take.
docs: $(VENV)/installed ## a site with search from docs/ and docstrings, for browsers without a network: site/index.html
	@NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict --quiet
	@echo "site/index.html"

reproduce: $(VENV)/installed ## RUN=<run folder>: same config, data and commit -> the same metrics
	@test -n "$(RUN)" || { echo "make reproduce: name the run: make reproduce RUN=runs/train/…" >&2; exit 2; }
	@$(PYTHON) -m adverts.reproduce "$(RUN)"

track-sync: $(VENV)/installed ## send what a broken tracking server did not take: RUN=<run folder>
	@test -n "$(RUN)" || { echo "make track-sync: name the run: make track-sync RUN=runs/train/…" >&2; exit 2; }
	@$(PYTHON) -m adverts.tracking sync "$(RUN)"

clean: ## remove what the tools left, not your data, runs or caches
	@rm -rf site .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info src/*.egg-info
	@find src tests configs -name __pycache__ -type d -prune -exec rm -rf {} +

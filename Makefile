# What you can do here: run `make` for the list. The work is done by tools/, in Python.
#
# PROJECT, ARGS and the other variables reach tools/ through the environment, so that no value is
# ever read by a shell.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# Some systems call the machine NAME; a lesson's or a release's name stands on the command line.
ifneq ($(origin NAME),command line)
unexport NAME
endif
# make itself reads what stands on its command line: $(…) in a value would be run. $(value) keeps each as it is.
$(foreach v,$(.VARIABLES),$(if $(filter command%,$(origin $v)),$(eval override $v := $$(value $v))$(eval export $v)))

TOOLS := .tools/venv/bin/python -m tools
TARGETS := list doctor setup run run-all recover lineage clear-cache test test-tools typecheck lock lint format \
  build build-all jars test-image check-pages publish publish-index promote test-publish sandbox-up sandbox-down \
  register register-all watch abort activate deactivate schedules test-cluster changed new-project clean

.PHONY: help $(TARGETS)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@echo 'PROJECT=<lesson> chooses the lesson, ARGS its inputs: make run PROJECT=flyte-basics ARGS="--test_size 0.3"'

list: ## the lessons in the order in which they are taught
doctor: ## what this machine has and lacks, for each tier
setup: ## make the environments of all lessons (PROJECT=x: of one), to work offline afterwards
run: ## run a lesson (PROJECT=x ARGS='--input value'; REMOTE=1: on a cluster; NO_CACHE=1: compute all; NEW=1: start anew)
clear-cache: ## forget the cached results of a lesson (PROJECT=x)
run-all: ## run every lesson on this machine
recover: ## finish a run that failed: only what had not succeeded (PROJECT=x, RUN=name; on a cluster: EXECUTION=name)
lineage: ## how the outputs of a run came to be, as text and as OpenLineage (PROJECT=x, RUN=name: not the newest)
test: ## test the tools, the shared package and every lesson (PROJECT=x: one lesson)
test-tools: ## test the tools and the shared package alone
typecheck: ## compare the types of all connections, as a cluster does before it runs (PROJECT=x: of one lesson)
lock: ## pin every version and hash again (PROJECT=x: of one lesson; UPGRADE='flytekit*': to the newest of their series)
lint: ## check style, spelling, links, Dockerfiles, workflows and generated files
format: ## put code into shape and generate what is derived from lesson.toml
build: ## build the images of a lesson (PROJECT=x)
build-all: ## build all images
jars: ## fetch the client for S3 that Spark's image needs on a cluster (280 MB, once)
test-image: ## run each task of a lesson in its own image (PROJECT=x; without: of every lesson)
publish: ## push the tested images of this revision to REGISTRY (PROJECT=x: of one lesson; DIRTY=1: as they are)
publish-index: ## join what machines of several platforms published into one image (PARTS='registry registry')
promote: ## name the published images of this revision after a release (NAME=v1.0; PROJECT=x: of one lesson)
test-publish: ## publish into a registry that is started for it, and read everything back
check-pages: ## open the pages and decks of all runs in a headless Chromium: no error, no request (PROJECT=x: of one)
sandbox-up: ## start a Flyte cluster in Docker (SPARK=1, RAY=1: with their operators)
sandbox-down: ## remove the sandbox (VOLUME=1: its executions and data too)
register: ## register a lesson on a cluster, with its published images (PROJECT=x; FAST=1: upload its code; VERSION=v)
register-all: ## register every lesson on a cluster
watch: ## follow an execution on a cluster to its end (PROJECT=x EXECUTION=name)
abort: ## end an execution on a cluster (PROJECT=x EXECUTION=name)
activate: ## let a lesson's schedules run on a cluster (PROJECT=x; VERSION=v)
deactivate: ## stop a lesson's schedules (PROJECT=x)
schedules: ## show a lesson's schedules, and the last executions that they started (PROJECT=x)
test-cluster: ## register a lesson on a cluster and run its cases there (PROJECT=x; without: every lesson)
changed: ## the lessons and base images that a git diff concerns (SINCE=revision; FORMAT=json: for CI)
new-project: ## start a lesson from the template (NAME=x)
clean: ## remove environments, run records and .tools

$(filter-out clean,$(TARGETS)): .tools/ready
	@$(TOOLS) $@

clean:
	@rm -rf .tools out .pytest_cache .ruff_cache

# Made again when the Python that its environment links to is gone, as after an upgrade of the system.
ifeq ($(realpath .tools/venv/bin/python),)
.PHONY: .tools/ready
endif

# What set-up tells goes to stderr: a program may read what the target prints.
.tools/ready: tools/bootstrap.py tools/uv.txt tools/requirements.txt
	@python="$${PYTHON:-python3}"; command -v "$$python" >/dev/null || { \
	  echo "make: $$python is not on PATH; install Python 3.10 or newer, or name one: make PYTHON=python3.11 …" >&2; \
	  exit 2; \
	}; "$$python" tools/bootstrap.py >&2

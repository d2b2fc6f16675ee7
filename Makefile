# `make` prints the list of targets. tools/ does the work, in Python; tools/__main__.py lists the module behind each
# target.
#
# PROJECT, ARGS and the other variables reach tools/ through the environment, so that no shell interprets their values.

# All paths below are relative: elsewhere, `make clean` would delete what is not ours.
ifeq ($(wildcard tools/bootstrap.py),)
$(error run make in the folder of this repository: make -C <folder> …)
endif

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# Some systems set NAME to the name of the machine, and some people DEBUG for other programs. The name of a lesson or a
# release, and the task to debug, are therefore read from the command line only.
$(foreach v,NAME DEBUG,$(if $(filter command%,$(origin $v)),,$(eval unexport $v)))
# They would lead Python to other packages than those of this repository, keep it from ending, make it compile the tools
# at every start, or change what it warns of and asserts.
unexport PYTHONPATH PYTHONHOME PYTHONSAFEPATH PYTHONPLATLIBDIR PYTHONINSPECT PYTHONDONTWRITEBYTECODE
unexport PYTHONWARNINGS PYTHONOPTIMIZE
# make expands the variables on its command line, and would run $(…) in a value. $(value) keeps each value unexpanded.
$(foreach v,$(.VARIABLES),$(if $(filter command%,$(origin $v)),$(eval override $v := $$(value $v))$(eval export $v)))

# The first statement blocks Ctrl-C, which would be a traceback while Python starts, until the tools handle it. -S puts
# off the search for packages, which Python would do before.
START := -S -c 'import _signal as s; s.pthread_sigmask(s.SIG_BLOCK, [s.SIGINT]); import runpy, site, sys; site.main(); \
  runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)'
TOOLS := .tools/venv/bin/python $(START) tools
TARGETS := list workshop doctor setup graph run run-all benchmark recover lineage runs clear-cache check progress \
  test test-tools test-exercises typecheck lock lint format build build-all jars test-image check-pages site \
  publish publish-index promote test-publish sandbox-up sandbox-down \
  register register-all watch abort activate deactivate schedules test-cluster changed new-project clean

.PHONY: help $(TARGETS)

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@echo 'PROJECT=<lesson> chooses the lesson, ARGS its inputs: make run PROJECT=flyte-basics ARGS="--test_size 0.3"'

list: ## print the lessons in teaching order
workshop: ## print a schedule of all lessons, with the minutes of text and of exercises
doctor: ## report what this machine has and lacks for each tier
setup: ## create all environments, to work offline; remove unused ones (PROJECT=x: create those of a lesson)
graph: ## draw the graph of a lesson as text and as graph.svg in its folder (PROJECT=x; default: of every lesson)
run: ## run a lesson (PROJECT=x ARGS='--input 1'; WORKFLOW=y; REMOTE=1: on a cluster; NO_CACHE=1; NEW=1; DEBUG=task)
clear-cache: ## delete the cached results of a lesson (PROJECT=x)
run-all: ## run every lesson on this machine
benchmark: ## measure a lesson against its alternatives (PROJECT=x; ARGS='--option value', ARGS=--help)
recover: ## rerun only the tasks that did not succeed (PROJECT=x; RUN=name; EXECUTION=name: on a cluster)
lineage: ## print where each output comes from, write OpenLineage events (PROJECT=x; RUN=name; EMIT=1: send them)
runs: ## list all runs, and write one page of them (PROJECT=x; RUN=name WITH=name: compare two runs)
check: ## check the exercises of a lesson (PROJECT=x; EXERCISE=n; HINT=1; SOLUTION=1; RESET=1: restore the lesson)
progress: ## print how many exercises of each lesson are done
test: ## run all tests, about 12 minutes (PROJECT=x: a lesson, tools, runner, shared; UPGRADE='flytekit*': newest Flyte)
test-tools: ## run the tests of the tools, the runner and the shared package
test-exercises: ## prove that each exercise fails as committed and passes when solved (PROJECT=x; QUICK=1: as committed only)
typecheck: ## check the types of all connections, as a cluster does (PROJECT=x: of one lesson; PACKAGE=y)
lock: ## pin every version and hash (PROJECT=x: of one lesson; UPGRADE='flytekit*': first upgrade these)
lint: ## check style, imports, spelling, links, locks, Dockerfiles, workflows and generated files
format: ## format the code, and write the files that are generated from lesson.toml
build: ## build the images of a lesson (PROJECT=x)
build-all: ## build all images
jars: ## fetch the client for S3 that Spark's image needs on a cluster (280 MB, once)
test-image: ## run each task in its image (PROJECT=x: of one lesson; default: of every lesson)
publish: ## push the tested images of this revision to REGISTRY (PROJECT=x: of a lesson; DIRTY=1: uncommitted)
publish-index: ## join the images of several platforms into one image for all of them (PARTS='registry registry')
promote: ## name the published images of this revision after a release (NAME=v1.0; PROJECT=x: of one lesson)
test-publish: ## test publishing with registries that the tests start
check-pages: ## open all pages and decks in a headless Chromium, report errors and requests (PROJECT=x)
sandbox-up: ## start a Flyte cluster in Docker (SPARK=1, RAY=1: with the operator)
sandbox-down: ## remove the sandbox (VOLUME=1: also its executions and data)
register: ## register a lesson on a cluster with its published images (PROJECT=x; FAST=1: its code; VERSION=v)
register-all: ## register every lesson on a cluster
watch: ## follow an execution on a cluster to its end (PROJECT=x EXECUTION=name)
abort: ## stop an execution on a cluster (PROJECT=x EXECUTION=name)
activate: ## activate the schedules of a lesson on a cluster (PROJECT=x; VERSION=v)
deactivate: ## deactivate the schedules of a lesson (PROJECT=x)
schedules: ## print the active schedules of a lesson and the last executions that they started (PROJECT=x)
test-cluster: ## register a lesson on a cluster and run its cases there (PROJECT=x; default: every lesson)
changed: ## print the tests and images that a change affects (SINCE=revision; FORMAT=json: for CI)
new-project: ## create a lesson from the template (NAME=x)
site: ## build a site of all lessons in out/site, with a run of each
clean: ## remove the environments (.tools) and the records of runs (out; not out/exercises)

$(filter-out clean,$(TARGETS)): .tools/ready
	@$(TOOLS) $@

clean:
	@rm -rf .tools projects/*/.venv* .pytest_cache .ruff_cache
	@[ ! -d out ] || find -H out -mindepth 1 -maxdepth 1 ! -name exercises -exec rm -rf {} +
	@rmdir out 2>/dev/null || true

# Created again if the Python that its environment links to no longer exists, for example after a system upgrade.
ifeq ($(realpath .tools/venv/bin/python),)
.PHONY: .tools/ready
endif

# Set-up prints to stderr, because a program may read the output of the target.
.tools/ready: tools/bootstrap.py tools/uv.txt tools/requirements.txt
	@python="$${PYTHON:-python3}"; command -v "$$python" >/dev/null || { \
	  echo "make: $$python is not on PATH; install Python 3.10 or newer, or name one: make PYTHON=python3.11 …" >&2; \
	  exit 2; \
	}; exec "$$python" $(START) tools.bootstrap >&2

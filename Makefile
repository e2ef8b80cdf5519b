# make run    rank the bundled samples with the bundled model      (sets everything up first)
# make serve  the service and its page on http://127.0.0.1:8000     (sets everything up first)
# make test   run the tests                                        (sets everything up first)
# make wheels  a source archive and a wheel for this Python, in dist   (sets everything up first)
# make docs   the site of these documents, in build/site/html       (sets everything up first)
.PHONY: run serve setup setup-dev test lint docs bench results check wheels release-check lock clean
.DEFAULT_GOAL := run
BIN := .venv/bin
RECORD := .venv/bin/python benchmarks/record.py
PAIRS := data/pairs
SAMPLES := cat drawing screenshot
KERNELS := setup.py $(wildcard model/kernels/*.py model/kernels/*.pyx)

run: .venv/.base
	@for name in $(SAMPLES); do echo "== samples/$$name"; $(BIN)/genloss rank samples/$$name/*.* || exit 1; echo; done

serve: .venv/.serve
	$(BIN)/genloss serve

setup: .venv/.base

setup-dev: .venv/.dev

test: .venv/.dev
	$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python docs/site/check_links.py

docs: .venv/.docs
	$(BIN)/python docs/site/build_site.py
	@echo "to read it, with search: $(BIN)/python -m http.server --directory build/site/html 8001"

# Both keep what they print in docs/about/results.json, and rewrite the tables between markers in README and docs.
bench: .venv/.dev
	$(RECORD) scoring-speed -- python benchmarks/speed/scoring_speed.py
	$(RECORD) batch-speed -- python benchmarks/speed/batch_speed.py
	$(RECORD) batch-memory -- python benchmarks/speed/batch_speed.py --files 10000 --distinct 200 --megapixels 0.01 0.03
	$(RECORD) datagen-speed -- python benchmarks/speed/datagen_speed.py
	$(RECORD) scoring-profile -- python benchmarks/speed/scoring_profile.py --megapixels 1 12 --repeats 60

# make results PAIRS=DIR               of the committed bundle, on a folder written by make_pairs.py: docs/about/results.md
# make results ... LIST=CSV FILES=DIR  also README's table: pairs of your own, and the folder of their files
# make results ... IMAGES=DIR          also what is measured on a folder of pictures that no training saw
results: .venv/.dev
	$(BIN)/python benchmarks/accuracy/results.py --pairs $(PAIRS) $(if $(LIST),--also "Other software" $(LIST) $(FILES))
ifdef LIST
	$(RECORD) private-pairs --shown "python benchmarks/accuracy/evaluated_pairs.py --pairs CSV --files DIR" -- \
		python benchmarks/accuracy/evaluated_pairs.py --pairs $(LIST) --files $(FILES)
endif
ifdef IMAGES
	$(RECORD) edited-copies --shown "python benchmarks/accuracy/edited_copies.py --images DIR" -- \
		python benchmarks/accuracy/edited_copies.py --images $(IMAGES)
	$(RECORD) cases --shown "python benchmarks/accuracy/cases.py --images DIR --most 60" -- \
		python benchmarks/accuracy/cases.py --images $(IMAGES) --most 60
endif
	$(BIN)/python benchmarks/accuracy/summary.py
	$(RECORD) --fill

check: lint test run

# make wheels REPOSITORY=https://...   with links and pictures of README that lead there
wheels: .venv/.release
	rm -rf dist build/wheels
	GENLOSS_REPOSITORY=$(REPOSITORY) $(BIN)/python -m build --no-isolation --outdir build/wheels .
	mkdir -p dist && cp build/wheels/*.tar.gz dist/
ifeq ($(shell uname -s),Linux)
	$(BIN)/python -m auditwheel repair --patcher none --wheel-dir dist build/wheels/*.whl
	$(BIN)/python -m auditwheel show dist/*.whl
else
	cp build/wheels/*.whl dist/
endif
	$(BIN)/python -m twine check --strict dist/*

# Builds what would be released, as make wheels does, and tries it in an empty environment.
release-check: wheels
	./release_check.sh

lock: .venv/.dev
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		pyproject.toml requirements/build.in -o requirements/base.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		--extra train --extra datagen --extra search --extra serve --extra jobs --extra audit --extra dev pyproject.toml requirements/build.in -c requirements/base.txt -o requirements/dev.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		--extra serve --extra jobs pyproject.toml requirements/build.in -c requirements/base.txt -o requirements/serve.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		--extra cluster pyproject.toml requirements/build.in -c requirements/base.txt -o requirements/cluster.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		--extra docs pyproject.toml requirements/build.in -c requirements/dev.txt -o requirements/docs.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		requirements/release.in -c requirements/dev.txt -o requirements/release.txt

clean:
	rm -rf .venv build *.egg-info model/kernels/_kernels*.so .mypy_cache .ruff_cache .pytest_cache

.venv/.base: setup.sh requirements/base.txt pyproject.toml $(KERNELS)
	@./setup.sh base

.venv/.serve: .venv/.base requirements/serve.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/serve.txt
	@touch $@

.venv/.release: .venv/.base requirements/release.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/release.txt
	@touch $@

.venv/.docs: .venv/.base requirements/docs.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	@touch $@

.venv/.dev: setup.sh requirements/dev.txt pyproject.toml $(KERNELS)
	@./setup.sh dev

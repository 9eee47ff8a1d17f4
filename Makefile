# Two commands: `make serve` and `make test`. Each does its own set-up; a second run starts where the first ended.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
# Processes that the tests are shared out to; each starts a server of its own (about 1 GB).
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps

.PHONY: serve test lint types contracts check models portal index install clean help

help:
	@echo "make serve   安装、构建并在 http://$(HOST):$(PORT) 运行 (PORT=、HOST= 可改)"
	@echo "make test    安装、构建并用 $(WORKERS) 个进程运行全部测试 (WORKERS= 可改)"
	@echo "make check   代码规范、类型与导入方向"
	@echo "make clean   删除虚拟环境与构建结果 (不动 var/ 里的数据)"

serve: $(STAMPS)/serve models portal index
	@KAOPU_LOG_FORMAT=$${KAOPU_LOG_FORMAT:-console} $(BIN)/kaopu serve --host $(HOST) --port $(PORT)

test: $(STAMPS)/test models portal
	@$(BIN)/kaopu library index
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 15

check: lint types contracts

lint: $(STAMPS)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMPS)/test
	$(BIN)/mypy

contracts: $(STAMPS)/test
	$(BIN)/lint-imports

models: $(STAMPS)/serve
	@$(BIN)/kaopu models build

portal: $(STAMPS)/serve
	@$(BIN)/python portal/build.py

# Before the first start only: later ones bring it up to date themselves.
index: $(STAMPS)/serve models
	@test -d $${KAOPU_VAR_DIR:-var}/index || $(BIN)/kaopu library index

install: $(STAMPS)/serve

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更新版本;可用 make serve PYTHON=python3.12 指定。"; exit 1; }
	@echo "建立虚拟环境 $(VENV)…"
	@$(PYTHON) -m venv $(VENV)

$(STAMPS)/serve: pyproject.toml constraints.txt | $(BIN)/python
	@echo "安装运行所需的软件包…"
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@$(BIN)/python -m pip install -c constraints.txt -e ".[portal]"
	@$(BIN)/kaopu --help > /dev/null
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: pyproject.toml constraints.txt $(STAMPS)/serve
	@echo "安装测试与检查所需的软件包…"
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[test,lint]"
	@command -v chromium > /dev/null || sh deploy/install-chromium.sh
	@mkdir -p $(STAMPS) && touch $@

clean:
	rm -rf $(VENV) portal/dist portal/node_modules

# 青苗：四个入口。`make help` 列出全部。
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
STAMP := .venv/.installed
FONTS := var/fonts/.installed
YEAR ?= 2024

.PHONY: help setup demo test check format test-spark lock nightly clean national

help: ## 列出可用目标
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(STAMP): requirements/dev.txt pyproject.toml
	@tools/setup-python

$(FONTS): tools/setup-fonts tools/fonts/package-lock.json
	@tools/setup-fonts

setup: $(STAMP) $(FONTS) ## 建虚拟环境、装锁定的依赖和字体

test: setup ## 运行快速测试
	@.venv/bin/pytest -n 2 --dist loadfile

check: setup ## 格式、规则、类型、层次
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/qingmiao check content/china
	@.venv/bin/qingmiao check content/xiangning

format: setup ## 按格式改写源代码
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

lock: setup ## 重新锁定依赖（锁文件不含任何源地址）
	@tools/lock

clean: ## 删除生成物（保留虚拟环境）
	@rm -rf var/demo build dist

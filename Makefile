# 青苗：四个入口。`make help` 列出全部。
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
STAMP := .venv/.installed
FONTS := var/fonts/.installed
FRONTEND := src/qingmiao/site/web/ui/built/.installed
BROWSER := var/browser.checked
BLANK := var/blank/blank.state
YEAR ?= 2024
DEMO_DATA = var/demo/data-$(SEED).made
DEMO_RUN = var/demo/run-$(SEED)-$(YEAR).made
SEED ?= 20240601

.PHONY: help setup demo demo-once demo-reset report test test-long test-zones test-spark kills nightly check format lock clean national

help: ## 列出可用目标
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(STAMP): requirements/dev.txt pyproject.toml
	@tools/setup-python

$(FONTS): tools/setup-fonts tools/fonts/package-lock.json
	@tools/setup-fonts

$(FRONTEND): tools/setup-frontend frontend/package-lock.json frontend/fonts.mjs $(wildcard frontend/src/*.js frontend/src/*/*.js) | $(STAMP) $(FONTS)
	@tools/setup-frontend

$(BROWSER): tools/setup-browser
	@tools/setup-browser

$(BLANK): src/qingmiao/site/triggers.py src/qingmiao/site/config/postgres.py $(wildcard src/qingmiao/site/apps/*/migrations/*.py) | $(STAMP)
	@echo "[setup] 空数据库（新站点由它复制）"
	@.venv/bin/python -m qingmiao.site.config.blank && touch $@

setup: $(STAMP) $(FONTS) $(FRONTEND) $(BROWSER) $(BLANK) ## 建虚拟环境、装锁定的依赖和字体，备好新站点的空数据库

# 演示数据和报告只在内容、程序、SEED 或 YEAR 改变时重做。
$(DEMO_DATA): $(shell find content -name '*.yaml') $(wildcard src/qingmiao/demo/*.py) | setup
	@echo "[demo] 生成演示县的数据（全部虚构）"
	@.venv/bin/qingmiao demo-data --pack content/xiangning --out var/demo/data --seed $(SEED)
	@rm -f var/demo/data-*.made; touch $@

$(DEMO_RUN): $(DEMO_DATA) $(shell find src/qingmiao -name '*.py' -not -path '*/site/*')
	@.venv/bin/qingmiao monitor --pack content/xiangning --data var/demo/data --year $(YEAR) --out var/demo/run
	@rm -f var/demo/run-*.made; touch $@

report: setup $(DEMO_RUN) ## 不要站点：从演示数据算到年度监测报告，告诉你报告在哪里
	@echo "报告：$(CURDIR)/var/demo/run/监测报告.pdf（另有 .docx、.html 和附件“数字索引”）"
	@echo "跟着一个数字走回去：.venv/bin/qingmiao explain health.imr --area 141029 --year $(YEAR) --run var/demo/run"

demo: report ## 再启动带演示县的站点（PORT 改端口；Ctrl-C 停止，录入的内容保留）
	@.venv/bin/qingmiao serve --demo --home var/demo/site --pack content/xiangning --data var/demo/data

demo-once: report ## 像第一次使用的人那样启动演示站点，等它答话，再停下，不留下什么
	@.venv/bin/python tools/demo-once

demo-reset: ## 清空演示站点，下次 make demo 从头开始
	@if [ -d var/demo/site ]; then .venv/bin/qingmiao serve --demo --home var/demo/site --reset; fi

test: setup ## 运行快速测试
	@.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

test-long: setup ## 运行长的测试：断电演练、全部权限矩阵、乱输入、浏览器里走完全年（名单在 tests/conftest.py）
	@.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder -m long

test-zones: setup ## 不带站点的测试再在比中国晚的时区里跑一遍（make test 用的是最早的时区）：机器的时区不改变任何数字
	@TZ=America/Los_Angeles QINGMIAO_TEST_ZONE=America/Los_Angeles \
	    .venv/bin/pytest -q -n 2 --dist loadfile tests/unit tests/spec tests/packs tests/integration tests/trial

nightly: setup ## 跑 docs/reference/nightly.yaml 里的长任务（ONLY=一条），记下何时跑过、结果如何
	@.venv/bin/python tools/nightly $(ONLY)

kills: setup ## 夜间：对真的站点 kill -9 一千次（KILLS=次数）
	@.venv/bin/python benchmarks/kills.py $(or $(KILLS),1000)

test-spark: ## 在 PySpark 上跑度量的规格测试（要 Java 17 或 21，不属于 make test）
	@tools/setup-spark
	@QINGMIAO_RUNNER=spark .venv-spark/bin/pytest tests/spec/measure tests/spark

check: setup ## 格式、规则、类型、层次
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/python -m django makemigrations --check --dry-run --settings=qingmiao.site.config.unconnected
	@.venv/bin/qingmiao check content/china
	@.venv/bin/qingmiao check content/xiangning

national: setup ## 用公开发布的真实数字监测两部国家纲要
	@.venv/bin/qingmiao monitor --pack content/outline-2020 --data examples/national/2020 --year 2020 --out var/national-2020
	@.venv/bin/qingmiao monitor --pack content/outline-2030 --data examples/national/2030 --year 2024 --out var/national-2030

format: setup ## 按格式改写源代码
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

lock: setup ## 重新锁定依赖（锁文件不含任何源地址）
	@tools/lock

clean: ## 删除生成物（保留虚拟环境）
	@rm -rf var/demo build dist

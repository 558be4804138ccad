#!/bin/sh
# 用两个全国纲要的真实公布数据跑一遍主任务；在项目根目录运行：sh examples/national/run.sh
set -eu
qingmiao=.venv/bin/qingmiao
$qingmiao monitor --pack content/outline-2020 --data examples/national/2020 --year 2020 --out var/national-2020
$qingmiao monitor --pack content/outline-2030 --data examples/national/2030 --year 2024 --out var/national-2030
echo "报告在 var/national-2020 和 var/national-2030"

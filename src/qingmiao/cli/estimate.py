"""``qingmiao estimate``: what a special survey says of everybody, from its answers, weights, strata and clusters."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from qingmiao.cli.saying import say


@click.command("estimate")
@click.argument("answers", metavar="IN.csv", type=click.Path(path_type=Path))
@click.option("--value", required=True, help="要推算的列：数，或者是（1）否（0）")
@click.option("--weight", default="", help="权重的列（总体÷应抽，再按回应调整）；不写每人算 1")
@click.option("--stratum", default="", help="层的列；不写不分层")
@click.option("--cluster", default="", help="群的列（村、班、学校……）；不写每人一群")
def estimate_command(answers: Path, value: str, weight: str, stratum: str, cluster: str) -> None:
    """专项调查的推算：加权的平均数或比例、标准误、95% 区间、设计效应、有效样本量。

    按层和群用泰勒线性化估计误差；空的值不参加，份数另说。群按有放回抽取计算。
    """
    from qingmiao.assess.survey_estimates import estimate
    from qingmiao.kernel.errors import Fault, UserError
    from qingmiao.kernel.rounding import half_up

    if not answers.is_file():
        raise UserError(f"没有文件 {answers}")
    with answers.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        wanted = [c for c in (value, weight, stratum, cluster) if c]
        if missing := [c for c in wanted if c not in (reader.fieldnames or ())]:
            raise UserError(f"{answers} 缺少列 {'、'.join(missing)}")
        rows = list(enumerate(reader, start=2))
    known = [(n, row) for n, row in rows if row[value].strip()]
    faults: list[Fault] = []

    def numbers(column: str) -> list[float]:
        found = []
        for n, row in known:
            try:
                found.append(float(row[column]))
            except ValueError:
                faults.append(Fault(answers.as_posix(), n, "number", f"「{row[column]}」不是数", place=column))
        return found

    values, weights = numbers(value), numbers(weight) if weight else None
    if faults:
        raise UserError(f"{answers} 有 {len(faults)} 处不是数", faults)
    made = estimate(
        values, weights=weights, strata=[r[stratum] for _, r in known] if stratum else None,
        clusters=[f"{r[stratum] if stratum else ''}/{r[cluster]}" for _, r in known] if cluster else None,
    )  # fmt: skip
    say(f"推算值 {half_up(made.value, 4)}，标准误 {half_up(made.error, 4)}")
    say(f"95% 区间 {half_up(made.low, 4)} 至 {half_up(made.high, 4)}（自由度 {made.degrees}）")
    deff = f"{half_up(made.deff, 2)}" if made.deff is not None else "—"
    say(f"设计效应 {deff}，有效样本 {half_up(made.effective, 0)} 人")
    say(
        f"答卷 {made.people} 份，群 {made.clusters} 个，层 {made.strata} 个；没有填这一项的 {len(rows) - len(known)} 份"
    )

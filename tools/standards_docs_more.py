"""Write the reference pages of the fitness, vision, immunisation and screening norms from their data files.

One page for each norm: what it is, where it comes from, how it is computed, a worked example (run here, not typed), the
tables, and what is not verified yet. ``python tools/standards_docs_more.py`` writes them; a test says when they are
stale.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from qingmiao.standards import desks, fitness, immunisation, norm_tables, vision
from qingmiao.standards.fitness import tables
from qingmiao.standards.immunisation import catch_up, records, status
from qingmiao.standards.screening import blood_state, visits, warning_signs
from qingmiao.standards.vision import myopia

PAGES = Path(__file__).resolve().parent.parent / "docs/reference/standards"
NOTICE = "<!-- 本页由 tools/standards_docs_more.py 从数据文件生成，请勿手改。 -->"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; a bar in a cell is escaped."""
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None:
        return "—"
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value).replace("|", "\\|")


def page(title: str, parts: Mapping[str, str], files: Sequence[tuple[str, str]]) -> str:
    """A whole page; ``files`` are the (folder, file) it is made from."""
    origin = table(
        ["数据文件", "发布者", "年份", "文件", "核实情况", "许可", "SHA-256（前 16 位）"],
        [
            (
                f"`{folder}/{name}`",
                source.issuer,
                source.year,
                source.document,
                source.verified,
                source.licence,
                source.sha256[:16],
            )
            for folder, name in files
            for source in [norm_tables.sources(folder)[name]]
        ],
    )
    ordered = {
        "它是什么": parts["它是什么"],
        "出处": origin,
        **{k: v for k, v in parts.items() if k != "它是什么"},
    }
    text = "\n\n".join(f"## {head}\n\n{body.strip()}" for head, body in ordered.items())
    return f"{NOTICE}\n\n# {title}\n\n{text}\n"


def plain(folder: str, name: str, leave: Sequence[str] = ()) -> str:
    """A data file as it is."""
    rows = norm_tables.rows(folder, name)
    heads = [head for head in rows[0] if head not in leave]
    return table(heads, [[row[head] for head in heads] for row in rows])


def doubts(folder: str, name: str, key: Sequence[str]) -> str:
    """Rows of a file whose ``check`` says less than "seen", as a list."""
    lines = [
        f"- `{' '.join(row[part] for part in key)}`：{row['check']}"
        for row in norm_tables.rows(folder, name)
        if row["check"] not in {"seen", "several_sources"}
    ]
    return "\n".join(dict.fromkeys(lines))


def fitness_page() -> str:
    measures = {
        "height_cm": 120.0, "weight_kg": 22.0, "vital_capacity": 1600.0, "run_50m": 10.5, "sit_reach": 16.1,
        "rope_skipping_1min": 111.0,
    }  # fmt: skip
    pupil = fitness.score_pupil(grade="P1", sex="M", measures=measures)
    weights: dict[tuple[str, str], list[str]] = {}
    names = {t.item: t.label_zh for t in tables.items()}
    for row in norm_tables.rows("fitness", "weights.csv"):
        weights.setdefault((row["grade"], row["sex"]), []).append(f"{names[row['item']]} {row['weight_percent']}")
    parts = {
        "它是什么": "学生每学年按年级、性别测若干项，每项按表得 0–100 分，加权为标准分，加上附加分为总分，"
        "按总分定等级。代码：`qingmiao.standards.fitness`；命令：`qingmiao score fitness IN OUT`。",
        "怎样计算": """
1. 取整：体重指数、坐位体前屈、50 米跑取到 0.1，其余取整，都是四舍五入。50 米跑有两位小数时各来源不一（底本程序舍去，测试手册据说进一），
   由 `sprint_rounding`（命令行 `--sprint-rounding`）指定，默认四舍五入；成绩只有一位小数时三种取法相同。
2. 单项：从高分行往下，第一个达到的门槛的分数；低于最低门槛 0 分。体重指数查四档，两端都含。
3. 标准分 = Σ(单项分 × 权重) ÷ 100，至多 100。附加分从本年级本性别 100 分门槛起算超出量，取达到的最大一档。
4. 总分 = 标准分 + 附加分，四舍五入到 0.1；优秀 ≥ 90.0，良好 80.0–89.9，及格 60.0–79.9，不及格 ≤ 59.9。
5. 缺一个必测项（空白、不合理、次数带小数）就没有总分，`state` 为 `incomplete`，绝不当 0 分；免予执行（`exempt`）的学生没有单项分、总分和等级，
   也不算不及格。不测的项目填了也不看。年级或性别读不懂时什么都不评。
6. 读懂的写法：年级 `P1`…`U34`、一年级…六年级、初一…初三（七…九年级）、高一…高三、大一…大四，教育部上报表的编号 11–16、21–23、31–33；中等职业学校
   （职高、中职、中专、技校一至三年级）按同年的高中组评——标准的适用范围含中等职业学校，没有另立组别（我们的理解，原文附件没有打开）。时间写秒数或
   3'45"、3′45″、3'45、3:45、0:03:45、3分45秒；`3.45` 分不清是 3 分 45 秒还是 3.45 秒，`3'5` 分不清是 5 秒还是 50 秒，`3:45:00` 是表格软件改成的几时几分，都不猜。
7. 读不懂的格（`unreadable`）和空白（`missing`）分开：命令照样写出全部的行，逐格列出读不懂的并给出最接近的写法，那一项和总分空白，退出码 1。不合理的值
   （如身高 1.2）也这样列出。
""",
        "算一个例子": f"一年级男生，{measures}：\n\n"
        + table(
            ["项目", "得分", "权重"],
            [(names[n], s, tables.item(n).weights[tables.group("P1", "M")]) for n, s in pupil.scores.items()],
        )
        + f"\n\n附加分 {pupil.bonus}，总分 {pupil.total}，等级 {pupil.level}，体重指数 {pupil.bmi}。",
        "权重": table(
            ["年级", "性别", "项目与权重（%）"],
            [(g, s, "；".join(items)) for (g, s), items in weights.items()],
        ),
        "体重指数": plain("fitness", "bmi.csv", ["item", "unit", "direction"]),
        "各项门槛": "\n\n".join(_threshold_table(t) for t in tables.items() if t.item != "bmi"),
        "附加分": plain("fitness", "bonus.csv", ["direction"]),
        "不合理的界限（本项目的设置）": plain("fitness", "plausible.csv"),
        "年级的写法": table(
            ["年级", "也可写成"],
            [
                (
                    g,
                    "、".join(r["name"] for r in norm_tables.rows("fitness", "grade_names.csv") if r["grade"] == g),
                )
                for g in tables.grades()
            ],
        ),
        "还没有核实的": """
- 年级编号 11–16、21–23、31–33 是公开表格里的写法，上报表原件没有打开过；41 以上没有见到出处，不读。
- 标准附件原文没有打开过；数字来自两个互相独立的公开实现，逐格比较无一不同（`A`、`C`），大学各格另与第三个实现一致。
- 50 米跑两位小数的取法；免予执行的处理办法；部分项目免测怎样折算，来源里没有，所以不做。
- 引体向上 78、74、70、66、62 分没有门槛（底本重复上一行，得分相同）；初一 20、10 分和初二 10 分没有门槛。
- 公开实现里已知的错：一处把女生跳绳附加分从男生门槛起算；一处把仰卧起坐附加分给了不测仰卧起坐的男生；一处高一男生肺活量写成 5040。
  这几处都有测试。
""",
    }
    files = list(norm_tables.sources("fitness"))
    return page("国家学生体质健康标准（2014年修订）", parts, [("fitness", name) for name in files])


def _threshold_table(item: tables.ItemTable) -> str:
    found: dict[int, dict[str, str]] = {}
    groups: dict[str, None] = {}
    for row in norm_tables.rows("fitness", f"{item.item}.csv"):
        group = f"{row['grade']} {row['sex']}"
        groups[group] = None
        found.setdefault(int(row["score"]), {})[group] = row["threshold"]
    rows = [(score, *(found[score].get(g) for g in groups)) for score in sorted(found, reverse=True)]
    sign = "不低于" if item.direction == "higher" else "不高于"
    return f"### {item.label_zh}（{item.unit}，{sign}门槛得该分）\n\n" + table(["分", *groups], rows)


def acuity_page() -> str:
    parts = {
        "它是什么": "视力四种记法的换算、较差眼、低视力分档。代码：`qingmiao.standards.vision`（`to_five_mark`、`from_five_mark`、"
        "`nominal_decimal`、`low_acuity`、`warning_level`）。",
        "怎样计算": """
- 五分记录 = 5 − logMAR；小数 = 10^(五分记录 − 5)。小数换五分：视力表上印的小数（名义值、准值、优先数和它们之间的值，见下表）就是那一行；
  其余的取准值，0.9 是 4.954，低于 5.0。小数大的，五分不会小。分数记录（20/25、6/7.5）先化成小数。一切界限都按五分值比较，所以同一只眼用哪种记法结论都一样。
- 两眼取较低的一个为较差眼；缺一眼时没有较差眼。
- 满 6 岁低视力：4.9 轻、4.6–4.8 中、4.5 及以下重（这三档未核实）。
- 不合理的读数（五分 3.0–5.3 以外等）当缺，并给出原因；例如五分记录的列里写了 1.0。
""",
        "算一个例子": table(
            ["五分", "小数（准）", "小数（表上）", "小数（优先数）", "logMAR"],
            [
                (
                    r["five_mark"],
                    r["decimal_exact"],
                    r["decimal_nominal"],
                    r["decimal_preferred"],
                    r["logmar"],
                )
                for r in norm_tables.rows("vision", "acuity_conversion.csv")
            ],
        ),
        "不合理的界限（本项目的设置）": plain("vision", "plausible.csv"),
        "还没有核实的": "- 表上的小数名义值、低视力三档出自一般知识。\n- 按年龄的预警等级出自一个公开实现：\n\n"
        + doubts("vision", "myopia_rules.csv", ["rule"]),
    }
    return page(
        "视力记录与换算",
        parts,
        [("vision", "acuity_conversion.csv"), ("vision", "myopia_rules.csv"), ("vision", "plausible.csv")],
    )


def myopia_page() -> str:
    cases = [
        ("右眼 4.9、−0.75 D；左眼 5.0、0", vision.score_child(va=(4.9, 5.0), sphere=(-0.75, 0.0), cylinder=(0.0, 0.0))),
        ("右眼 4.9、−0.50 D；左眼 5.0、0", vision.score_child(va=(4.9, 5.0), sphere=(-0.5, 0.0), cylinder=(0.0, 0.0))),
        ("两眼 5.0，没有验光", vision.score_child(va=(5.0, 5.0))),
        ("只有右眼，4.9、−1.00 D", vision.score_child(va=(4.9, None), sphere=(-1.0, None), cylinder=(0.0, None))),
        ("两眼 5.1，夜戴角膜塑形镜", vision.score_child(va=(5.1, 5.1), ortho_k=True)),
    ]  # fmt: skip
    parts = {
        "它是什么": "中小学生筛查性近视的判定（WS/T 663-2020）、新发近视和每年进展。代码：`screening_myopia`、`new_myopia`、"
        "`annual_progression`、`myopia_degree`、`hyperopia_reserve`；命令：`qingmiao score vision IN OUT`。",
        "怎样计算": f"""
- 等效球镜 = 球镜 + 柱镜 ÷ 2；柱镜空白不当 0。
- 一只眼阳性：裸眼视力 < 5.0 **且** 非睫状肌麻痹等效球镜 < −0.50 D（恰好 5.0 或 −0.50 都不算）。任一眼阳性为筛查性近视。
- 一只眼的视力或屈光缺失，这只眼没有结论；另一只眼已是阳性时仍为阳性，否则结果空白，绝不当“不近视”。
- 状态：{"、".join(f"`{s}`" for s in myopia.STATES)}。夜戴角膜塑形镜算近视（未核实）；散瞳验光的读数不用于筛查判定；不满 6 岁不判定
  （`preschool_rule` 可选用一个公开实现的规则）。
- 新发近视：去年不近视、今年近视为“新发”；去年不近视、今年不近视为“未发”；其余（去年已近视、有一年没查）空白，不进分母。
  `compare_years` 按 `id` 连两年的表，并数出去年不近视而今年没查到的（`lost`）。
- 每年进展 =（后 − 前）× 365.25 ÷ 天数；相隔不到 180 天不给（本项目的设置）。
""",
        "算一个例子": table(["检查", "筛查性近视", "状态"], [(text, c.screening_myopia, c.state) for text, c in cases]),
        "规则表": plain("vision", "myopia_rules.csv"),
        "远视储备": plain("vision", "hyperopia_reserve.csv"),
        "还没有核实的": doubts("vision", "myopia_rules.csv", ["rule"]) + "\n- 2025 年国家标准的远视储备数值没有见到。",
    }
    return page("筛查性近视与新发近视", parts, [("vision", "myopia_rules.csv"), ("vision", "hyperopia_reserve.csv")])


def referral_page() -> str:
    cases = [
        ("4 岁，4.8 / 5.0", vision.score_child(va=(4.8, 5.0), age_months=48).refer_acuity),
        ("4 岁，4.9 / 5.0", vision.score_child(va=(4.9, 5.0), age_months=48).refer_acuity),
        ("5 岁，5.0 / 5.2", vision.score_child(va=(5.0, 5.2), age_months=60).refer_acuity),
        ("5 岁，5.0 / 未查", vision.score_child(va=(5.0, None), age_months=60).refer_acuity),
    ]
    parts = {
        "它是什么": "0–6 岁眼检查的转诊界限：满 4 岁起看视力，满 2 岁起看屈光，都到不满 7 岁。",
        "怎样计算": """
- 视力：任一眼不高于界限，或两眼相差 2 行（0.2）及以上。
- 屈光：等效球镜高于上限或低于下限、柱镜绝对值超过上限、两眼球镜差或柱镜差超过上限；恰好等于界限不转诊。
- 有一项已达到就是“转诊”；没有一项达到而该查的没查全，结果空白。
""",
        "算一个例子": table(["年龄与视力", "按视力转诊"], cases),
        "视力界限": plain("vision", "acuity_referral.csv"),
        "屈光界限": plain("vision", "refraction_referral.csv"),
        "还没有核实的": "- 国卫办妇幼发〔2021〕11号的转诊表没有见到；界限出自一个公开实现，两行之差出自一般知识。\n"
        "- 同一实现的幼儿园版本 2–3 岁散光用 1.00 D，0–6 岁版本用 2.00 D，这里用后者。",
    }
    return page(
        "视力与屈光转诊界限",
        parts,
        [("vision", "acuity_referral.csv"), ("vision", "refraction_referral.csv")],
    )


def exams_page() -> str:
    exams = vision.child_exams(
        datetime.date(2024, 1, 31),
        exam_dates=[datetime.date(2024, 2, 2), datetime.date(2024, 12, 1)],
        on=datetime.date(2025, 3, 1),
    )
    parts = {
        "它是什么": "0–6 岁的 13 次眼保健和视力检查：哪次做了、该做、逾期。代码：`vision.child_exams`、`vision.exam_states`。",
        "怎样计算": """
- 13 次与 13 次健康管理同时，窗口用 `child_health/visits.csv`（两者相同是我们的读法）。月龄按日历月，月末取目标月最后一天。
- 一次检查归到当天已经开始的最近一次；过了窗口才做记 `done_late`。来源没有说可以补到什么时候，这是我们的规则。
- 第一次从出院之日起 7 天内；没有出院日期时从出生之日起算。
""",
        "算一个例子": "2024-01-31 出生，2024-02-02、2024-12-01 查过，看 2025-03-01：\n\n"
        + table(
            ["次", "时点", "状态", "首日", "末日", "检查日"],
            [(e.number, e.label_zh, e.state, e.first_day, e.last_day, e.done_date) for e in exams],
        ),
        "检查内容": plain("vision", "eye_exam_schedule.csv"),
        "还没有核实的": "- 规范附件原文没有打开过；满月一次很多地方在 42 天做。",
    }
    return page(
        "0–6 岁眼保健和视力检查（13 次）",
        parts,
        [("vision", "eye_exam_schedule.csv"), ("child_health", "visits.csv")],
    )


def schedule_page() -> str:
    found = immunisation.child_schedule(
        datetime.date(2024, 9, 20),
        given=[
            ("DTaP", datetime.date(2024, 12, 20)),
            ("DTaP", datetime.date(2025, 1, 20)),
            ("MMR", datetime.date(2025, 5, 19)),
        ],
        on=datetime.date(2025, 6, 1),
    )
    shown = [row for row in found if row.vaccine in {"DTaP", "MMR"}]
    parts = {
        "它是什么": "国家免疫规划疫苗儿童免疫程序，2021 年版和 2026 年版，按应种之日有效的一版。代码：`qingmiao.standards.immunisation`；"
        "命令：`qingmiao score immunisation --on 日期 IN OUT`（每童每剂一行）。",
        "怎样计算": f"""
- 最小月龄从出生日起按日历月数，目标月没有那一天时取最后一天。`complete_before` 是“在此日之前”，当天已迟；没有规定就空白。
- 版本：按旧行月龄到达之日仍在旧行有效期内，用旧行；否则用新行，应种日不早于新行生效之日。2026 年版自 2026-06-17（印发日）起。
- 有效：到了最小月龄、与上一有效剂次的间隔够、其他注射减毒活疫苗不在前 1–27 天、年龄性别合适。无效的一剂要补，但整个系列不重来。
- 有效剂次只按日期、月龄、间隔数：每一剂填第一个空位，无效的一剂不占位。记录上写的第几剂只用来核对：`recorded_dose` 是记录上的数，
  `number_differs` 说与数出的不同；写的数比到那时为止的记录还多，注 `earlier_dose_not_recorded`。同一天同类疫苗只算一次（`same_day`）。
- 读不懂的日期、疫苗、状态等逐格列出（行、列、最接近的写法），它可能是的那些剂次记 `missing`（`unreadable_record`），不算逾期；命令的结果照写，退出码 1。
- 状态：{"、".join(f"`{s}`" for s in status.STATES)}。上一剂还缺时记 `not_yet_due`（`previous_dose_missing`）；自己没有期限的剂次，
  到同一系列后面剂次的期限为逾期。
- 原因代码：{"、".join(f"`{r}`" for r in records.REASONS if r)}；提示代码：{"、".join(f"`{n}`" for n in records.NOTES if n)}。
- 满 18 周岁起没有应种，也没有逾期（`too_old`）。
- 乙脑、甲肝各有减毒和灭活两种做法，由第一剂有效的决定，没有记录按减毒；乙脑换过疫苗的，哪一种种满就按哪一种。甲肝灭活 1 剂满 6 个月可用减毒补完。
- 脊灰：4 剂含 IPV 按说明书种完即完成；有 2016-04-30 及以前的口服剂（三价）不再要 IPV，没有的，2019-10-01 以前出生要 1 剂、以后出生要 2 剂；
  不论品种，满 4 剂（第 4 剂满 4 岁）也算完成。
- 白破疫苗补种百白破：2025 年起 7–11 岁，以前满 6 岁（提示 `catch_up_product`）。百白破和白破合计满 3 剂且至少 1 剂白破即完成（`series_complete`）；
  到了这个年龄只有 3 剂百白破的，不再要第 4 剂（`dt_instead`），种 1 剂白破；满 12 岁都不再种。
- A 群流脑满 24 月龄不再种；这时不足 2 剂的，A 群 C 群第 1 剂从 24 月龄起（提示 `catch_up_early`），已种 1 剂的间隔 3 个月，已种 2 剂的 12 个月。
- 卡介苗满 3 月龄须先做 PPD（提示 `ppd_needed`），满 4 岁不种。
- 乙肝第 3 剂与第 1 剂还须间隔 4 个月。
- 麻腮风：2019-10-01 起出生的种 2 剂麻腮风；以前出生的须有 2 剂含麻疹、1 剂含风疹、1 剂含腮腺炎成分（2008 年以前出生的只要 2 剂含麻疹），
  不足的用麻腮风补，没有规定年龄，所以不会逾期；第 2 剂含麻疹的种了还缺成分记 `antigen_missing`。
- 母亲 HBsAg 阳性或不详且出生体重不足 2000 克：出生那剂不计，1、2、7 月龄再种三剂。
- HPV 第 2 剂须在第 1 剂后 12 个月内（“14 岁前”对晚开始的女孩做不到）。
- 乙肝首剂 24 小时：只有日期时，当天为及时，次日不能判定，再晚为不及时。
- 联合疫苗按说明书接种，算它所含各疫苗的相应剂次（提示 `combined_vaccine`）：最小月龄按说明书，间隔仍按程序。五联的第 4 剂、或前 3 剂都是 IPV 时的第 4 剂 IPV，
  满 18 月龄即可完成脊灰系列。
- 免疫球蛋白（记作 `IG`）以后，麻腮风、乙脑减毒、甲肝减毒等 3 个月，乙脑灭活等 1 个月；卡介苗不限。期内接种无效（`immunoglobulin_too_recent`），应种日顺延。
- `health_state`：`hiv_exposed` 未排除 HIV 感染，卡介苗 `deferred`，乙脑、甲肝改灭活，脊灰全程 IPV（提示 `ipv_instead`）；`immunodeficient` 卡介苗、麻腮风
  `contraindicated`，其余减毒改灭活。麻腮风对有症状的 HIV 感染儿童也不种，须由医疗机构诊断后按禁忌填写。
- `status` 写 `contraindicated` 或 `deferred` 的行不是接种，而是这种疫苗（联合疫苗则是所含各疫苗）没有种的剂次禁忌，或已到期的剂次暂缓到 `date`。
""",
        "算一个例子": "2024-09-20 出生，百白破 2024-12-20、2025-01-20，麻腮风 2025-05-19（早一天），看 2025-06-01：\n\n"
        + table(
            ["疫苗", "剂", "版本", "状态", "原因", "应种日", "须在此前", "接种日"],
            [
                (r.vaccine, r.dose, r.edition, r.state, r.reason, r.due_date, r.complete_before, r.given_date)
                for r in shown
            ],
        ),
        "程序表": plain("immunisation", "schedule.csv", ["sources"]),
        "版本": plain("immunisation", "editions.csv"),
        "疫苗": plain("immunisation", "products.csv"),
        "补种等规则（每条的出处；UNSOURCED 是没有见到出处）": plain("immunisation", "catch_up.csv"),
        "联合疫苗": plain("immunisation", "combined.csv"),
        "疫苗的各种写法": plain("immunisation", "names.csv", ["check"]),
        "特殊健康状态": plain("immunisation", "health_states.csv"),
        "还没有核实的": "- 两版原文没有打开过；2021 年版文号未核实；2026 年版是否另有施行日期没有见到；更早的版本没有，一律按 2021 年版。\n"
        "- 已按 3/4/5 月龄开始百白破的儿童怎样转到新程序没有见到：旧行最小月龄已到的剂次算有效，并注 `transition`，请问疾控。\n"
        "- 联合疫苗、免疫球蛋白、HIV 暴露、免疫缺陷的规则出自引用 2021、2026 年版的公开文件，原文没有打开；IPV 单苗说明书的月龄取自五联，未核实。\n"
        "- 没有做：甲乙肝联合、乙肝或乙脑混用产品、早产儿卡介苗、麻腮风后两周内用免疫球蛋白、应急接种和补充免疫。\n"
        + doubts("immunisation", "schedule.csv", ["edition", "vaccine_code", "dose"])
        + "\n"
        + "\n".join(f"- `{rule.name}`：{rule.check}" for rule in catch_up.rules().values() if not rule.sourced),
    }
    return page(
        "国家免疫规划疫苗儿童免疫程序",
        parts,
        [("immunisation", name) for name in norm_tables.sources("immunisation")],
    )


def coverage_page() -> str:
    parts = {
        "它是什么": "按疫苗和剂次的接种率，以及“以乡镇（街道）为单位”的最低接种率。代码：`immunisation.coverage`、`lowest`、`lowest_of_all`。",
        "怎样计算": """
- 分母：本乡镇儿童（户籍或居住满 3 个月，由给数据的人确定）中，期内**应种**该剂的人数。到了最小月龄、且上一剂之后的间隔已过，才算应种；
  上一剂还缺的儿童不进这一剂的分母（`denominator="interval_over"`，默认），`"age_reached"` 则计入。
- 分子：其中期末前有有效接种的人数。早种、间隔不足的一剂不算接种，也不使人提前进分母：到了应种日才进。到龄没有种、现已超过该疫苗年龄的（如 A 群流脑满
  24 月龄）仍在分母；满 18 周岁的不在。读不懂的记录使某剂不能判定的儿童单列（`unknown`），不在分母也不在分子，
  `bounds` 给出把他们都算没有种和都算已种的两端。禁忌和暂缓的儿童留在分母；县里另有规定时用 `contraindicated="left_out"` 去掉。
- 乡镇的数是各剂次中最低的一个，县的数是各乡镇中最低的一个，都不是平均数：“各乡镇都达到 90%”要求每个乡镇每种疫苗都达到。
- 没有应种儿童的剂次没有接种率（空白，不是 0）。
""",
        "算一个例子": "3 名儿童应种乙肝第 1 剂，2 名已种：2 ÷ 3 = 66.7%。这 2 名都应种第 2 剂且都已种：2 ÷ 2 = 100%；没种第 1 剂的儿童不进第 2 剂分母。"
        "该乡镇乙肝的最低接种率是 66.7%。",
        "还没有核实的": "- 工作定义出自一般知识；官方措辞只见到“以乡镇（街道）为单位，适龄儿童免疫规划疫苗接种率”。居住 3 个月的规定只有部分出处。",
    }
    return page("免疫规划疫苗接种率", parts, [("immunisation", "schedule.csv"), ("immunisation", "products.csv")])


def newborn_page() -> str:
    born = datetime.datetime(2025, 1, 31, 8, 0)
    times = [
        datetime.datetime(2025, 2, 2, 7, 59),
        datetime.datetime(2025, 2, 2, 8, 0),
        datetime.datetime(2025, 2, 8, 9, 0),
    ]
    later = datetime.datetime(2025, 3, 1)
    parts = {
        "它是什么": "新生儿足跟血采集和听力筛查的时间窗口。代码：`screening.blood_states`、`hearing_step`、`hearing_limits`。",
        "怎样计算": """
- 采血：出生满 48 小时到第 7 天；早产、患病、提前出院的到第 20 天。满 48 小时前采的记 `done_early`（须重采），过期采的记 `done_late`。
- 听力：初筛满 48 小时到出院；未过或漏筛的 42 天内复筛；两次未过的 3 月龄前诊断。
""",
        "算一个例子": "2025-01-31 08:00 出生：\n\n"
        + table(
            ["采血", "足月", "延期采血"],
            [(t, blood_state(born, t, on=later), blood_state(born, t, delayed=True, on=later)) for t in times],
        ),
        "规则表": plain("child_health", "newborn_screening.csv"),
        "还没有核实的": doubts("child_health", "newborn_screening.csv", ["item"]),
    }
    return page("新生儿疾病筛查时间窗口", parts, [("child_health", "newborn_screening.csv")])


def visits_page() -> str:
    parts = {
        "它是什么": "0–6 岁儿童 13 次健康管理：哪次做了、该做、逾期。代码：`screening.visit_states`、`windows`。",
        "怎样计算": f"""
- 状态：{"、".join(f"`{s}`" for s in visits.STATES)}。窗口首日和末日都含；月龄按日历月，月末取目标月最后一天。
- 一次随访归到当天已经开始的最近一次；看的那天之后的记录不算。
""",
        "算一个例子": table(
            ["次", "时点", "窗口", "内容"],
            [
                (
                    n,
                    v.label_zh,
                    f"{v.start}–{v.stop} {'月（不含末）' if v.in_months else '天'}",
                    "、".join(v.contents),
                )
                for n, v in enumerate(visits.calendar(), 1)
            ],
        ),
        "数据": plain("child_health", "visits.csv"),
        "还没有核实的": "- 规范附件原文没有打开过（公开文件转引）；满月一次很多地方在 42 天做；补做到什么时候没有规定。",
    }
    return page("0–6 岁儿童健康管理（13 次）", parts, [("child_health", "visits.csv")])


def signs_page() -> str:
    result, state = warning_signs.screen_child(3, [None, None, None, True])
    parts = {
        "它是什么": "儿童心理行为发育问题预警征象（也用于孤独症初筛）：11 个年龄，各 4 条，任一条阳性即为阳性。代码：`screening.screen`、`signs`。",
        "怎样计算": "- 按实足月龄取表；有一条“是”就是阳性，其余没问也一样；没有“是”时四条都答了才是阴性，否则 `incomplete`，结果空白。\n"
        "- 3 月龄以下、7 岁及以上没有表（`age_not_covered`）。",
        "算一个例子": f"3 月龄，第 4 条“是”，其余没问：结果 {_cell(result)}（阳性），状态 `{state}`。",
        "征象": plain("child_health", "warning_signs.csv"),
        "还没有核实的": "- 国卫办妇幼发〔2022〕12号原文没有打开过，由一个公开文件转引。",
    }
    return page("心理行为发育预警征象", parts, [("child_health", "warning_signs.csv")])


def disability_page() -> str:
    parts = {
        "它是什么": "0–6 岁儿童残疾筛查（视力、听力、肢体、智力、孤独症）的流程。代码：`screening.next_stage`、`child_stage`。",
        "怎样计算": "- 初筛可疑 → 复筛；复筛仍可疑 → 诊断；确诊 → 登记、康复；任何一步排除 → 回到常规检查（`clear`）。\n"
        "- 已有诊断结论的，按诊断结论。各步之间的时限来源里没有，是各地的设置，不在这里。",
        "算一个例子": "初筛可疑、复筛可疑、诊断未做：下一步 `diagnosis`。",
        "流程": plain("child_health", "disability_screening_flow.csv"),
        "还没有核实的": "- 残联厅发〔2013〕8号由二手网页转引，原文没有打开过。",
    }
    return page("0–6 岁儿童残疾筛查流程", parts, [("child_health", "disability_screening_flow.csv")])


def desks_page() -> str:
    bands = desks.stature_bands()
    tall = [f"{low} cm 以上" if n == 0 else f"{low}—{bands[n - 1] - 1} cm" for n, low in enumerate(bands)]
    tall[-1] = f"不满 {bands[-2]} cm"
    seats, pupils = [0] * 10, [0] * len(bands)
    seats[8], seats[9], pupils[-3], pupils[-2] = 10, 4, 10, 10
    parts = {
        "它是什么": "学校课桌椅的号数：多高的学生坐几号，一个班的课桌椅够多少学生坐得合适。代码：`qingmiao.standards.desks`。",
        "怎样计算": """
- 各号的身高范围互相搭接，多数学生可以坐两个号。`desk_number` 取标准身高最接近的号，一样近取大的。
- `desk_fit` 只用人数和座位数，不用姓名：身高按各号范围的起止分段（厘米取整），从高到低，每段先坐大号、再坐小号；
  这样安排坐得合适的人最多。坐得合适的人数除以全班人数，结果取一位小数。高于最大号范围的算在最高一段。
""",
        "算一个例子": f"9 号 10 套、10 号 4 套；120—127 cm 10 人、113—119 cm 10 人：{desks.desk_fit(seats, pupils)} %"
        "（高的坐满 9 号，矮的只有 4 人有 10 号可坐）。",
        "每段身高可坐的号数": table(
            ["身高", "可坐"],
            [(words, "、".join(map(str, desks.fitting(low)))) for words, low in zip(tall, bands, strict=True)],
        ),
        "号数表": plain("desks", "sizes.csv"),
        "还没有核实的": "- 表见一处网页转载的 2002 年版；2014 年版增加的 0 号没有见到，不写。合格的比例没有见到规定，由县里设置。",
    }
    return page("学校课桌椅号数", parts, [("desks", "sizes.csv")])


def pages() -> dict[str, str]:
    """Every page by file name."""
    return {
        "fitness-2014.md": fitness_page(),
        "vision-acuity.md": acuity_page(),
        "vision-screening-myopia.md": myopia_page(),
        "vision-referral.md": referral_page(),
        "vision-eye-exams.md": exams_page(),
        "immunisation-schedule.md": schedule_page(),
        "immunisation-coverage.md": coverage_page(),
        "screening-newborn.md": newborn_page(),
        "screening-visits.md": visits_page(),
        "screening-warning-signs.md": signs_page(),
        "screening-disability.md": disability_page(),
        "desks-sizes.md": desks_page(),
    }


if __name__ == "__main__":
    PAGES.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (PAGES / name).write_text(text, encoding="utf-8")

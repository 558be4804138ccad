"""Functions of published norms that the expressions of forms may call: one table of names, arguments and results.

Only forms: they are filled in a row at a time. Bulk data is scored once a table by the derivations of `standards`
(`scored` of a fact table), and the rules of returns know no child. A missing argument makes the result missing, unless
the argument may be missing; so does whatever the norm gives no result for (an age outside it, an implausible reading,
a z-score that WHO flags). What a function gives is computed by the same code as a table of one row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from qingmiao.content.base import Label
from qingmiao.content.desk_norms import DESK_NORMS
from qingmiao.content.norm_function import (
    BORN,
    HEAD,
    HEIGHT,
    LENGTH,
    MEASURED,
    OEDEMA,
    ON,
    SEX,
    WEIGHT,
    Argument,
    Kind,
    NormFunction,
    Value,
    ages_in_days,
    ages_in_months,
    plain,
    words_of_codes,
)  # fmt: skip
from qingmiao.content.visit_norms import VISIT_NORMS

_LEVELS = words_of_codes(low="下", below_middle="中下", middle="中", above_middle="中上", high="上")
_SHORT = words_of_codes(severely_stunted="重度生长迟缓", stunted="生长迟缓", normal="正常")
_LIGHT = words_of_codes(severely_underweight="重度低体重", underweight="低体重", normal="正常")
_BUILD = words_of_codes(
    severely_wasted="重度消瘦", wasted="消瘦", normal="正常", overweight="超重", obese="肥胖", severely_obese="重度肥胖"
)
_THIN = words_of_codes(stunted="生长迟缓", thin_moderate_severe="中重度消瘦", thin_mild="轻度消瘦", normal="正常")
ACUITY_WORDS = words_of_codes(none="未见视力不良", mild="轻度视力不良", moderate="中度视力不良", severe="重度视力不良")
_FITNESS = words_of_codes(excellent="优秀", good="良好")
FITNESS_LEVEL_WORDS = {**_FITNESS, "pass": Label(zh="及格", en="pass"), "fail": Label(zh="不及格", en="fail")}
DOSE_WORDS = words_of_codes(
    not_yet_due="未到", due="该种", overdue="逾期", given_valid="已种有效", given_invalid="已种无效",
    not_applicable="不适用", missing="不能判断", contraindicated="禁忌", deferred="暂缓",
)  # fmt: skip


def _grown(norm: str, output: str, names: tuple[str, ...], in_days: bool, sex: Any, born: Any, on: Any,
           *values: Any) -> Sequence[Value]:  # fmt: skip
    import numpy as np

    from qingmiao.standards.growth import score_children

    age = {"age_days": ages_in_days(born, on)} if in_days else {"age_months": ages_in_months(born, on)}
    read = dict(zip(names, values, strict=True))
    if "oedema" in read:
        read["oedema"] = np.array([{True: "y", False: "n"}.get(v) for v in read["oedema"]], dtype=object)
    found = score_children(norm, sex=sex, **age, **read)
    flagged = found[f"f{output[1:]}"] == 1 if output[0] == "z" else np.zeros(len(sex), dtype=bool)
    return plain(np.ma.masked_where(flagged, found[output]))


_COLUMN = {"length_cm": "lenhei_cm", "head_cm": "headc_cm", "measured": "measure"}


def _growth(name: str, label: str, norm: str, output: str, source: str, *measured: Argument, in_days: bool = True,
            answers: Mapping[str, Label] | None = None) -> NormFunction:  # fmt: skip
    names = tuple(_COLUMN.get(a.name, a.name) for a in measured)
    compute = partial(_grown, norm, output, names, in_days)
    kind: Kind = "text" if answers else "number"
    return NormFunction(name, label, (SEX, BORN, ON, *measured), kind, source, compute, answers or {})


WHO2006 = "WHO Child Growth Standards（2006）"
WHO2007 = "WHO Growth reference 5–19 years（2007）"
WST423 = "WS/T 423—2022《7岁以下儿童生长标准》"
WST586 = "WS/T 586—2018《学龄儿童青少年超重与肥胖筛查》"
WST456 = "WS/T 456—2014《学龄儿童青少年营养不良筛查》"
WST612 = "WS/T 612—2018《7岁～18岁儿童青少年身高发育等级评价》"
FITNESS = "《国家学生体质健康标准》（2014年修订）"
VISION = "五分记录视力；视力不良的分度为通行做法，未核实（docs/reference/standards/vision-acuity.md）"
MYOPIA = "WS/T 663—2020《中小学生屈光不正筛查规范》"
DOSES = "《国家免疫规划疫苗儿童免疫程序及说明》（2021年版、2026年版）"


def _fitness(item: Any, grade: Any, sex: Any, value: Any) -> Sequence[Value]:
    import numpy as np

    from qingmiao.standards.fitness import score_columns

    known, found = _items(), np.full(len(item), np.nan)
    for name in sorted(set(item.tolist()) & set(known)):
        rows = np.flatnonzero(item == name)
        scored = score_columns({"grade": grade[rows], "sex": sex[rows], name: value[rows]}, reasons=False)
        found[rows] = scored[f"score_{name}"]
    return plain(found)


def _fitness_whole(part: str, grade: Any, sex: Any, *values: Any) -> Sequence[Value]:
    from qingmiao.standards.fitness import measure_columns, score_columns

    measured = dict(zip(measure_columns(), values, strict=True))
    return plain(score_columns({"grade": grade, "sex": sex, **measured}, reasons=False)[part])


def _fitness_bmi(grade: Any, sex: Any, height: Any, weight: Any) -> Sequence[Value]:
    from qingmiao.standards.fitness import score_columns

    given = {"grade": grade, "sex": sex, "height_cm": height, "weight_kg": weight}
    return plain(score_columns(given, reasons=False)["score_bmi"])


def _items() -> tuple[str, ...]:
    from qingmiao.standards.fitness import measure_columns

    return measure_columns()[2:]


def _grades() -> tuple[str, ...]:
    from qingmiao.standards.fitness import tables

    return tables.grades()


_READINGS = ("va_right", "va_left", "sphere_right", "sphere_left", "cylinder_right", "cylinder_left")


def _seen(part: str, born: Any, on: Any, *values: Any) -> Sequence[Value]:
    import numpy as np

    from qingmiao.standards.vision import score_columns

    months = ages_in_months(born, on)
    found = score_columns({"age_months": months, **dict(zip(_READINGS, values, strict=False))})[part]
    return plain(np.ma.masked_where(np.isnan(months), found))


def _vaccines() -> tuple[str, ...]:
    from qingmiao.standards.immunisation import schedule

    return tuple(dict.fromkeys(vaccine for vaccine, _ in schedule.doses()))


def _dose_states(*columns: Any) -> Sequence[Value]:
    return [_dose_state(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def _dose_state(vaccine: str, dose: float, sex: str | None, born: Any, on: Any, *given: Any) -> Value:
    from qingmiao.standards.immunisation import child_schedule

    pairs = [(v, d) for v, d in zip(given[::2], given[1::2], strict=True) if v is not None and d is not None]
    found = child_schedule(born, given=pairs, on=on, sex=sex or "") if on >= born else ()
    return next((d.state for d in found if (d.vaccine, d.dose) == (vaccine, dose)), None)


def _eye(name: str, words: str, unit: str = "") -> tuple[Argument, Argument]:
    return (Argument(f"{name}_right", "number", f"右眼{words}", unit),
            Argument(f"{name}_left", "number", f"左眼{words}", unit))  # fmt: skip


_GRADE = Argument("grade", "text", "年级代码（P1—P6、J1—J3、H1—H3）", known=_grades)
_MEASURES = tuple(
    Argument(name, "number", words, unit, may_be_missing=True)
    for name, words, unit in (
        ("height_cm", "身高", "厘米"), ("weight_kg", "体重", "千克"), ("vital_capacity", "肺活量", "毫升"),
        ("run_50m", "50米跑", "秒"), ("sit_reach", "坐位体前屈", "厘米"), ("rope_skipping_1min", "一分钟跳绳", "次"),
        ("sit_ups_1min", "一分钟仰卧起坐", "次"), ("pull_ups", "引体向上", "次"), ("standing_long_jump", "立定跳远", "厘米"),
        ("shuttle_50m_x8", "50米×8往返跑", "秒"), ("run_1000m", "1000米跑", "秒"), ("run_800m", "800米跑", "秒"),
    )
)  # fmt: skip
_GIVEN = tuple(
    one
    for n in range(1, 6)
    for one in (
        Argument(f"vaccine_{n}", "text", f"第{n}次接种的疫苗代码", may_be_missing=True),
        Argument(f"given_{n}", "date", f"第{n}次接种的日期", may_be_missing=True),
    )
)

_TABLE: tuple[NormFunction, ...] = (
    *VISIT_NORMS,
    _growth("who2006_length_z", "年龄别身长（高）Z评分", "who2006", "zlen", WHO2006, LENGTH, MEASURED),
    _growth("who2006_weight_z", "年龄别体重Z评分", "who2006", "zwei", WHO2006, WEIGHT, OEDEMA),
    _growth("who2006_weight_length_z", "身长（高）别体重Z评分", "who2006", "zwfl", WHO2006, WEIGHT, LENGTH, MEASURED, OEDEMA),
    _growth("who2006_bmi_z", "年龄别体质指数Z评分", "who2006", "zbmi", WHO2006, WEIGHT, LENGTH, MEASURED, OEDEMA),
    _growth("who2006_head_z", "年龄别头围Z评分", "who2006", "zhc", WHO2006, HEAD),
    _growth("who2007_height_z", "年龄别身高Z评分", "who2007", "zhfa", WHO2007, HEIGHT),
    _growth("who2007_weight_z", "年龄别体重Z评分", "who2007", "zwfa", WHO2007, WEIGHT, OEDEMA),
    _growth("who2007_bmi_z", "年龄别体质指数Z评分", "who2007", "zbfa", WHO2007, HEIGHT, WEIGHT, OEDEMA),
    _growth("wst423_length", "年龄别身长（高）评价", "wst423", "wst423_len", WST423, LENGTH, MEASURED, answers=_SHORT),
    _growth("wst423_weight", "年龄别体重评价", "wst423", "wst423_wei", WST423, WEIGHT, answers=_LIGHT),
    _growth("wst423_weight_length", "身长（高）别体重评价", "wst423", "wst423_wfl", WST423, WEIGHT, LENGTH, MEASURED,
            answers=_BUILD),
    _growth("wst423_length_level", "年龄别身长（高）生长水平", "wst423", "wst423_sd_len", WST423, LENGTH, MEASURED,
            answers=_LEVELS),
    _growth("wst423_weight_level", "年龄别体重生长水平", "wst423", "wst423_sd_wei", WST423, WEIGHT, answers=_LEVELS),
    _growth("wst423_bmi", "年龄别体质指数评价", "wst423", "wst423_bmi", WST423, WEIGHT, LENGTH, MEASURED, answers=_BUILD),
    _growth("wst423_head", "年龄别头围生长水平", "wst423", "wst423_sd_hc", WST423, HEAD, answers=_LEVELS),
    _growth("wst586_grade", "超重与肥胖筛查", "wst586", "wst586_grade", WST586, HEIGHT, WEIGHT, in_days=False,
            answers={k: _BUILD[k] for k in ("normal", "overweight", "obese")}),
    _growth("wst456_grade", "营养不良筛查", "wst456", "wst456_grade", WST456, HEIGHT, WEIGHT, in_days=False,
            answers=_THIN),
    _growth("wst612_grade", "身高发育等级", "wst612", "wst612_grade", WST612, HEIGHT, in_days=False, answers=_LEVELS),
    NormFunction("low_acuity", "视力不良分度（较差眼）", (BORN, ON, *_eye("acuity", "裸眼视力（五分记录）")), "text",
                 VISION, partial(_seen, "low_acuity"), ACUITY_WORDS),
    NormFunction("screening_myopia", "筛查性近视", (BORN, ON, *_eye("acuity", "裸眼视力（五分记录）"),
                 *_eye("sphere", "球镜", "D"), *_eye("cylinder", "柱镜", "D")), "boolean", MYOPIA,
                 partial(_seen, "screening_myopia")),
    NormFunction("fitness_score", "体质健康单项得分", (Argument("item", "text", "项目", known=_items), _GRADE, SEX,
                 Argument("value", "number", "成绩（时间为秒）")), "number", FITNESS, _fitness),
    NormFunction("fitness_bmi_score", "体质健康体重指数得分", (_GRADE, SEX, HEIGHT, WEIGHT), "number", FITNESS,
                 _fitness_bmi),
    NormFunction("fitness_total", "体质健康总分", (_GRADE, SEX, *_MEASURES), "number", FITNESS,
                 partial(_fitness_whole, "total")),
    NormFunction("fitness_level", "体质健康等级", (_GRADE, SEX, *_MEASURES), "text", FITNESS,
                 partial(_fitness_whole, "level"), FITNESS_LEVEL_WORDS),
    NormFunction("vaccine_dose_state", "某疫苗某剂的接种状态", (
                 Argument("vaccine", "text", "疫苗代码", known=_vaccines), Argument("dose", "number", "第几剂", "剂"),
                 Argument("sex", "text", "性别代码（HPV 疫苗要用）", known=lambda: ("M", "F"), may_be_missing=True),
                 BORN, ON, *_GIVEN), "text", DOSES, _dose_states, DOSE_WORDS),
    *DESK_NORMS,
)  # fmt: skip

NORMS: dict[str, NormFunction] = {f.name: f for f in _TABLE}
"""Name → function. A new one is one row of this table and its cases in tests/spec/expressions/norms.yaml."""

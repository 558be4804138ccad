"""Functions of norms that the visits of young children need: corrected age, birth size, anaemia, referral of eyes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from qingmiao.content.norm_function import (
    BORN,
    HEAD,
    LENGTH,
    MEASURED,
    ON,
    SEX,
    WEIGHT,
    Argument,
    NormFunction,
    Value,
    ages_in_days,
    ages_in_months,
    plain,
    words_of_codes,
)  # fmt: skip

TERM_WEEKS = 40
"""Weeks to which a preterm child's age is counted."""
PRETERM_BEFORE = 37
CORRECTED_UNTIL = 24
"""Months of age until which it is corrected."""
CORRECTED = "WHO Child Growth Standards（2006）；早产儿按校正月龄（满40周）评到24月龄为通行做法，未核实"
WST800 = "WS/T 800—2022《不同胎龄新生儿出生时体格生长评价》"
WHO2011 = "WHO 2011 血红蛋白界值（随海拔加）；来源各一处，未核实（docs/reference/standards/growth-haemoglobin.md）"
EYES = "《0～6岁儿童眼保健及视力检查服务规范（试行）》的转诊指征；界值见一个公开实现，未见原文"
LINES = "五分记录与小数记录对照（缪氏）；通行写法，未核实"
WEEKS = Argument("gestation_weeks", "number", "出生孕周", "周")
ALTITUDE = Argument("altitude_m", "number", "居住地海拔（不知道的按海平面）", "米", may_be_missing=True)
_ANAEMIA = words_of_codes(none="未见贫血", mild="轻度贫血", moderate="中度贫血", severe="重度贫血")
_SIZE = words_of_codes(small="小于胎龄", appropriate="适于胎龄", large="大于胎龄")


def _corrected_birth(born: Any, weeks: Any, on: Any) -> Any:
    """The day from which age is counted: later by the weeks that lacked to 40, for a preterm child under 24 months;
    NaT where that day has not come, or before birth."""
    import numpy as np

    months = ages_in_months(born, on)
    lacked = np.rint((TERM_WEEKS - weeks) * 7)
    corrected = (weeks < PRETERM_BEFORE) & (months < CORRECTED_UNTIL)
    later = born + np.where(corrected, lacked, 0).astype("timedelta64[D]")
    return np.where((on >= born) & (later <= on), later, np.datetime64("NaT"))


def _corrected_age(born: Any, on: Any, weeks: Any) -> Sequence[Value]:
    return plain(ages_in_months(_corrected_birth(born, weeks, on), on))


def _corrected_z(output: str, column: str, sex: Any, born: Any, on: Any, weeks: Any, *values: Any) -> Sequence[Value]:
    import numpy as np

    from qingmiao.standards.growth import score_children

    counted = _corrected_birth(born, weeks, on)
    measured = dict(zip((column, "measure"), values, strict=False))
    found = score_children("who2006", sex=sex, age_days=ages_in_days(counted, on), **measured)
    return plain(np.ma.masked_where((found[f"f{output[1:]}"] == 1) | np.isnat(counted), found[output]))


def _anaemia(born: Any, on: Any, haemoglobin: Any, altitude: Any) -> Sequence[Value]:
    from qingmiao.standards.growth.haemoglobin import anaemia

    return plain(anaemia(haemoglobin, ages_in_months(born, on), altitude, standard="who2011")["anaemia_grade"])


def _birth_size(sex: Any, weeks: Any, grams: Any) -> Sequence[Value]:
    from qingmiao.standards.growth import score_children

    return plain(score_children("wst800", sex=sex, gestation_weeks=weeks, birth_weight_g=grams)["wst800_size"])


def _acuity_referral(born: Any, on: Any, right: Any, left: Any) -> Sequence[Value]:
    from qingmiao.standards.vision.referral import acuity_referral

    return plain(acuity_referral((right, left), ages_in_months(born, on)))


def _refraction_referral(born: Any, on: Any, *eyes: Any) -> Sequence[Value]:
    from qingmiao.standards.vision.referral import refraction_referral

    sphere, cylinder = (eyes[0], eyes[1]), (eyes[2], eyes[3])
    equivalent = (sphere[0] + cylinder[0] / 2, sphere[1] + cylinder[1] / 2)
    return plain(refraction_referral(sphere, cylinder, equivalent, ages_in_months(born, on)))


def _decimal_acuity(five: Any) -> Sequence[Value]:
    from qingmiao.standards.vision.acuity import nominal_decimal

    return plain(nominal_decimal(five))


def _eyes(name: str, words: str, unit: str = "") -> tuple[Argument, Argument]:
    right = Argument(f"{name}_right", "number", f"右眼{words}", unit)
    return right, Argument(f"{name}_left", "number", f"左眼{words}", unit)


_BORN_AT = (SEX, BORN, ON, WEEKS)
VISIT_NORMS: tuple[NormFunction, ...] = (
    NormFunction("corrected_age_months", "校正月龄", (BORN, ON, WEEKS), "number", CORRECTED, _corrected_age),
    NormFunction("who2006_length_z_corrected", "按校正月龄的年龄别身长Z评分", (*_BORN_AT, LENGTH, MEASURED), "number",
                 CORRECTED, partial(_corrected_z, "zlen", "lenhei_cm")),
    NormFunction("who2006_weight_z_corrected", "按校正月龄的年龄别体重Z评分", (*_BORN_AT, WEIGHT), "number", CORRECTED,
                 partial(_corrected_z, "zwei", "weight_kg")),
    NormFunction("who2006_head_z_corrected", "按校正月龄的年龄别头围Z评分", (*_BORN_AT, HEAD), "number", CORRECTED,
                 partial(_corrected_z, "zhc", "headc_cm")),
    NormFunction("birth_size", "出生体重与胎龄", (SEX, WEEKS, Argument("birth_weight_g", "number", "出生体重", "克")), "text",
                 WST800, _birth_size, _SIZE),
    NormFunction("anaemia_grade", "贫血分度", (BORN, ON, Argument("haemoglobin_g_l", "number", "血红蛋白", "g/L"),
                 ALTITUDE), "text", WHO2011, _anaemia, _ANAEMIA),
    NormFunction("acuity_referral", "视力应转诊", (BORN, ON, *_eyes("acuity", "裸眼视力（五分记录）")), "boolean", EYES,
                 _acuity_referral),
    NormFunction("refraction_referral", "屈光应转诊", (BORN, ON, *_eyes("sphere", "球镜", "D"),
                 *_eyes("cylinder", "柱镜", "D")), "boolean", EYES, _refraction_referral),
    NormFunction("decimal_acuity", "小数记录的视力", (Argument("acuity", "number", "视力（五分记录）"),), "number", LINES,
                 _decimal_acuity),
)  # fmt: skip

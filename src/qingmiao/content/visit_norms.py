"""Functions of norms that the visits of young children need: corrected age, birth size, anaemia, referral of eyes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
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
    age_in_days,
    age_in_months,
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


def _corrected_birth(born: date, weeks: float, on: date) -> date | None:
    """The day from which age is counted: later by the weeks that lacked to 40, for a preterm child under 24 months."""
    months = age_in_months(born, on)
    if months is None:
        return None
    if weeks >= PRETERM_BEFORE or months >= CORRECTED_UNTIL:
        return born
    lacked = round((TERM_WEEKS - weeks) * 7)
    return born + timedelta(days=lacked) if lacked <= (on - born).days else None


def _corrected_age(born: date, on: date, weeks: float) -> Value:
    counted = _corrected_birth(born, weeks, on)
    months = None if counted is None else age_in_months(counted, on)
    return None if months is None else Decimal(months)


def _corrected_z(output: str, column: str, sex: str, born: date, on: date, weeks: float, *values: Any) -> Value:
    from qingmiao.standards.growth import score_child

    counted = _corrected_birth(born, weeks, on)
    if counted is None:
        return None
    measured = dict(zip((column, "measure"), values, strict=False))
    found = score_child("who2006", sex=sex, age_days=age_in_days(counted, on), **measured)
    return None if found[f"f{output[1:]}"] == 1 else plain(found[output])


def _anaemia(born: date, on: date, haemoglobin: float, altitude: float | None) -> Value:
    import numpy as np

    from qingmiao.standards.growth.haemoglobin import anaemia

    months = age_in_months(born, on)
    if months is None:
        return None
    one = partial(np.array, dtype=float)
    height = one([np.nan if altitude is None else altitude])
    return plain(anaemia(one([haemoglobin]), one([months]), height, standard="who2011")["anaemia_grade"][0])


def _birth_size(sex: str, weeks: float, grams: float) -> Value:
    from qingmiao.standards.growth import score_child

    return plain(score_child("wst800", sex=sex, gestation_weeks=weeks, birth_weight_g=grams)["wst800_size"])


def _acuity_referral(born: date, on: date, right: float, left: float) -> Value:
    from qingmiao.standards.vision.referral import acuity_referral

    return _referred(born, on, lambda one, months: acuity_referral((one(right), one(left)), months))


def _refraction_referral(born: date, on: date, *eyes: float) -> Value:
    from qingmiao.standards.vision.referral import refraction_referral

    def found(one: Any, months: Any) -> Any:
        sphere, cylinder = (one(eyes[0]), one(eyes[1])), (one(eyes[2]), one(eyes[3]))
        equivalent = (sphere[0] + cylinder[0] / 2, sphere[1] + cylinder[1] / 2)
        return refraction_referral(sphere, cylinder, equivalent, months)

    return _referred(born, on, found)


def _referred(born: date, on: date, found: Any) -> Value:
    import numpy as np

    months = age_in_months(born, on)
    if months is None:
        return None
    answer = found(lambda value: np.array([value], dtype=float), np.array([months], dtype=float))
    return None if np.ma.getmaskarray(answer)[0] else bool(answer[0])


def _decimal_acuity(five: float) -> Value:
    import numpy as np

    from qingmiao.standards.vision.acuity import nominal_decimal

    found = nominal_decimal(np.array([five], dtype=float))[0]
    return None if np.isnan(found) else plain(found)


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

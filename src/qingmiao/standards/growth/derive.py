"""Derived columns of facts that the growth norms give: stunted, wasted, overweight, anaemic and their like.

A score that WHO flags as implausible counts as missing, as in WHO's prevalence estimates. With oedema a child under 5
is underweight and wasted (WHO counts it as below -3 SD).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from qingmiao.standards.columns import Column, Columns
from qingmiao.standards.derivation import Derivation
from qingmiao.standards.growth import birth, haemoglobin, school_age, who2006, who2007, wst423
from qingmiao.standards.growth.inputs import (
    WITH_OEDEMA,
    age_in_days,
    age_in_months,
    length_measured,
    sexes,
    weight_of,
)

Masked = np.ma.MaskedArray[Any, np.dtype[np.bool_]]


def _below(scores: Mapping[str, Column], code: str, limit: float) -> Masked:
    z, flag = scores[f"z{code}"], scores[f"f{code}"]
    return np.ma.MaskedArray(z < limit if limit < 0 else z > limit, mask=np.isnan(z) | (np.ma.filled(flag, 1) == 1))


def _one_of(labels: Column, *names: str) -> Masked:
    missing = np.array([value is None for value in labels], dtype=bool)
    return np.ma.MaskedArray(np.isin(labels.astype(str), names), mask=missing)


def _under5(columns: Mapping[str, Column]) -> Mapping[str, Column]:
    table = Columns(columns)
    weight, oedema = weight_of(table)
    length, measured = length_measured(table, "length_cm", "measured")
    age = age_in_days(table)
    children = who2006.MeasuredChildren(
        sex=sexes(table),
        age_days=age,
        weight=weight,
        length=length,
        measured=measured,
        oedema=oedema,
    )
    scores = who2006.score_arrays(children)
    puffy = (oedema == WITH_OEDEMA) & (age >= 0) & (age < who2006.AGE_LIMIT_DAYS)
    result: dict[str, Column] = {
        "stunted": _below(scores, "len", -2),
        "overweight_u5": _below(scores, "wfl", 2),
        "obese_u5": _below(scores, "wfl", 3),
    }
    for name, code in (("underweight", "wei"), ("wasted", "wfl")):
        low = _below(scores, code, -2)
        result[name] = np.ma.MaskedArray(low.data | puffy, mask=np.ma.getmaskarray(low) & ~puffy)
    return result | {name: scores[name] for name in ("zlen", "zwei", "zwfl", "zbmi")}


def _who_school(columns: Mapping[str, Column]) -> Mapping[str, Column]:
    table = Columns(columns)
    scores = who2007.score_arrays(
        sexes(table), age_in_months(table), table.floats("height_cm"), table.floats("weight_kg")
    )
    return {
        "stunted_who2007": _below(scores, "hfa", -2),
        "thin_who2007": _below(scores, "bfa", -2),
        "overweight_who2007": _below(scores, "bfa", 1),
        "obese_who2007": _below(scores, "bfa", 2),
    }


def _wst423(columns: Mapping[str, Column]) -> Mapping[str, Column]:
    table = Columns(columns)
    length, measured = length_measured(table, "length_cm", "measured")
    grades = wst423.classify_wst423(
        sexes(table),
        age_in_months(table),
        table.floats("weight_kg"),
        length,
        measured=measured,
    )
    return {
        "wst423_stunted": _one_of(grades["wst423_len"], "stunted", "severely_stunted"),
        "wst423_underweight": _one_of(grades["wst423_wei"], "underweight", "severely_underweight"),
        "wst423_wasted": _one_of(grades["wst423_wfl"], "wasted", "severely_wasted"),
        "wst423_overweight": _one_of(grades["wst423_wfl"], "overweight"),
        "wst423_obese": _one_of(grades["wst423_wfl"], "obese", "severely_obese"),
    }


def _bmi_wst586(columns: Mapping[str, Column]) -> Mapping[str, Column]:
    table = Columns(columns)
    grades = school_age.classify_wst586(
        sexes(table), age_in_months(table), table.floats("height_cm"), table.floats("weight_kg")
    )
    grade = grades["wst586_grade"]
    return {
        "overweight": _one_of(grade, "overweight"),
        "obese": _one_of(grade, "obese"),
        "bmi": grades["wst586_bmi"],
    }


def _malnutrition_wst456(columns: Mapping[str, Column]) -> Mapping[str, Column]:
    table = Columns(columns)
    grades = school_age.classify_wst456(
        sexes(table), age_in_months(table), table.floats("height_cm"), table.floats("weight_kg")
    )
    return {
        "wst456_stunted": _one_of(grades["wst456_stunted"], "yes"),
        "wst456_thin": _one_of(grades["wst456_thinness"], "mild", "moderate_severe"),
    }


def _anaemia(columns: Mapping[str, Column]) -> Mapping[str, Column]:
    table = Columns(columns)
    table.require("age_months" if "age_days" not in table else "age_days")
    grades = haemoglobin.anaemia(
        table.floats("haemoglobin_g_l"),
        age_in_months(table),
        table.floats("altitude_m"),
        standard="china2002",
    )
    return {"anaemic": grades["anaemic"]}


def _birth(columns: Mapping[str, Column]) -> Mapping[str, Column]:
    table = Columns(columns)
    return {
        "low_birth_weight": birth.low_birth_weight(table.floats("birth_weight_g")),
        "preterm": birth.preterm(table.floats("gestation_weeks")),
    }


_ALL: Final = (
    Derivation(
        "growth.under5",
        ("sex", "age_days", "length_cm", "weight_kg"),
        {
            "stunted": "boolean",
            "underweight": "boolean",
            "wasted": "boolean",
            "overweight_u5": "boolean",
            "obese_u5": "boolean",
            "zlen": "number",
            "zwei": "number",
            "zwfl": "number",
            "zbmi": "number",
        },
        _under5,
        optional=("measured", "oedema"),
        standard=who2006.STANDARD,
        description="0–5 岁：生长迟缓、低体重、消瘦、超重、肥胖（身长/身高别体重）",
    ),
    Derivation(
        "growth.who2007",
        ("sex", "age_months", "height_cm", "weight_kg"),
        {
            "stunted_who2007": "boolean",
            "thin_who2007": "boolean",
            "overweight_who2007": "boolean",
            "obese_who2007": "boolean",
        },
        _who_school,
        standard=who2007.STANDARD,
        description="5–19 岁：生长迟缓、消瘦、超重、肥胖（年龄别体质指数；超重含肥胖）",
    ),
    Derivation(
        "growth.wst423_under7",
        ("sex", "age_months", "length_cm", "weight_kg"),
        {
            "wst423_stunted": "boolean",
            "wst423_underweight": "boolean",
            "wst423_wasted": "boolean",
            "wst423_overweight": "boolean",
            "wst423_obese": "boolean",
        },
        _wst423,
        optional=("measured",),
        standard=wst423.STANDARD,
        description="7 岁以下：生长迟缓、低体重、消瘦、超重、肥胖（超重不含肥胖）",
    ),
    Derivation(
        "growth.bmi_wst586",
        ("sex", "age_months", "height_cm", "weight_kg"),
        {"overweight": "boolean", "obese": "boolean", "bmi": "number"},
        _bmi_wst586,
        standard=school_age.WST586,
        description="6–18 岁：超重（不含肥胖）、肥胖",
    ),
    Derivation(
        "growth.malnutrition_wst456",
        ("sex", "age_months", "height_cm", "weight_kg"),
        {"wst456_stunted": "boolean", "wst456_thin": "boolean"},
        _malnutrition_wst456,
        standard=school_age.WST456,
        description="6–18 岁：生长迟缓、消瘦",
    ),
    Derivation(
        "growth.anaemia",
        ("haemoglobin_g_l",),
        {"anaemic": "boolean"},
        _anaemia,
        optional=("age_days", "age_months", "altitude_m"),
        standard="2002 中国居民营养与健康状况调查",
        description="6–59 月龄：血红蛋白低于 110 克/升（按海拔上调）",
    ),
    Derivation(
        "growth.birth",
        ("birth_weight_g", "gestation_weeks"),
        {"low_birth_weight": "boolean", "preterm": "boolean"},
        _birth,
        standard="低出生体重与早产的通用定义",
        description="低出生体重（不足 2500 克）、早产（不满 37 周）",
    ),
)

DERIVATIONS: Final[dict[str, Derivation]] = {derivation.name: derivation for derivation in _ALL}

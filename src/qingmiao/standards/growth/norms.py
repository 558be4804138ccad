"""The growth norms by their key: what each reads, what it adds, and the function that scores a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from qingmiao.standards.columns import Table
from qingmiao.standards.files import Field
from qingmiao.standards.growth import who2006, who2007


@dataclass(frozen=True, slots=True)
class Norm:
    """One norm as a command or a form sees it."""

    key: str
    standard: str
    title_zh: str
    fields: tuple[Field, ...]
    one_of: tuple[tuple[str, ...], ...]
    """Groups of which a table must have at least one column."""
    outputs: tuple[tuple[str, str], ...]
    """Column name and what it holds."""
    reasons: tuple[str, ...]
    score: Callable[..., Table]
    """``score(table, *, reasons: bool) -> table`` of the same kind."""


_AGE: Final = (
    Field("age_days", "number", "日龄（精确，不取整也可）"),
    Field("age_months", "number", "月龄（精确；没有日龄时用）"),
)
_ID: Final = Field("id", "text", "编号，原样写回", required=True)
_SEX: Final = Field("sex", "text", "性别：m/f/1/2", required=True, allowed=("m", "f", "1", "2", "男", "女"))
_MEASURE: Final = Field("measure", "text", "量法：l 卧位身长，h 立位身高", allowed=("l", "h"))
_OEDEMA: Final = Field("oedema", "text", "水肿：y/n/1/2", allowed=("y", "n", "1", "2"))
_WEIGHT: Final = Field("weight_kg", "number", "体重，千克")
_LENGTH: Final = Field("lenhei_cm", "number", "身长或身高，厘米")
_HEIGHT: Final = Field("height_cm", "number", "身高，厘米（没有时用 lenhei_cm）")
_HEAD: Final = Field("headc_cm", "number", "头围，厘米")
_BY_AGE: Final = ("age_days", "age_months")

WHO2006: Final = Norm(
    "who2006",
    who2006.STANDARD,
    "世界卫生组织儿童生长标准（0–5 岁）",
    (
        _ID,
        _SEX,
        *_AGE,
        _WEIGHT,
        _LENGTH,
        _MEASURE,
        _HEAD,
        Field("armc_cm", "number", "上臂围，厘米"),
        Field("triskin_mm", "number", "肱三头肌皮褶厚度，毫米"),
        Field("subskin_mm", "number", "肩胛下皮褶厚度，毫米"),
        _OEDEMA,
    ),
    (_BY_AGE, ("weight_kg", "lenhei_cm", "headc_cm", "armc_cm", "triskin_mm", "subskin_mm")),
    (
        *(
            pair
            for measure in who2006.MEASURES
            for pair in (
                (f"z{measure.code}", f"{measure.label_zh} Z 评分（两位小数）"),
                (
                    f"f{measure.code}",
                    f"{measure.label_zh} Z 评分不可信：1 是（低于 {measure.low} 或高于 {measure.high}），0 否",
                ),
            )
        ),
        ("clenhei", "换算到应有量法的身长/身高，厘米"),
        ("cbmi", "体质指数，千克/平方米"),
        ("c9mo_flag", "未满 9 月龄却记为立位：1 是，0 否"),
    ),
    tuple(f"r{measure.code}" for measure in who2006.MEASURES),
    who2006.score_who2006,
)

WHO2007: Final = Norm(
    "who2007",
    who2007.STANDARD,
    "世界卫生组织 5–19 岁生长参考值",
    (_ID, _SEX, *_AGE, _HEIGHT, _LENGTH, _WEIGHT, _OEDEMA),
    (_BY_AGE, ("height_cm", "lenhei_cm", "weight_kg")),
    (
        *((f"z{measure.code}", f"{measure.label_zh} Z 评分（两位小数）") for measure in who2007.MEASURES),
        *(
            (
                f"f{measure.code}",
                f"{measure.label_zh} Z 评分不可信：1 是（低于 {measure.low} 或高于 {measure.high}），0 否",
            )
            for measure in who2007.MEASURES
        ),
        ("cbmi", "体质指数，千克/平方米"),
    ),
    tuple(f"r{measure.code}" for measure in who2007.MEASURES),
    who2007.score_who2007,
)

NORMS: Final[dict[str, Norm]] = {norm.key: norm for norm in (WHO2006, WHO2007)}

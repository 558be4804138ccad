"""The growth norms by their key: what each reads, what it adds, and the function that scores a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from qingmiao.standards.columns import Codes, Columns, Table
from qingmiao.standards.fields import Field, identifier
from qingmiao.standards.growth import birth, school_age, who2006, who2007, wst423
from qingmiao.standards.growth.inputs import MEASURED, OEDEMA
from qingmiao.standards.growth.reasons import ScoreReason
from qingmiao.standards.words import SEX


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

    def not_understood(self, columns: Columns, reason: str, codes: Codes) -> Codes:
        """Reason codes of one column, told apart: a cell that is blank is missing, one that could not be read is not.

        ``columns`` is the table after scoring; ``codes`` (n,) are those of the column ``reason``.
        """
        age = columns.is_unread("age_days", "age_months", "gestation_weeks")
        value = columns.is_unread(*self._needed(reason))
        found = ((codes == ScoreReason.AGE_MISSING) & age) | (np.isin(codes, _OF_VALUES) & value)
        return np.where(found, np.int8(ScoreReason.NOT_UNDERSTOOD), codes).astype(np.int8)

    def _needed(self, reason: str) -> tuple[str, ...]:
        """The measured columns that the score behind a reason column needs."""
        part = reason.removeprefix("wst423_").removeprefix("r").removeprefix("_")
        measured = tuple(f.name for f in self.fields if f.name not in ("id", "sex", "age_days", "age_months"))
        return _NEEDED.get(part, measured)


_OF_VALUES: Final = (ScoreReason.VALUE_MISSING, ScoreReason.VALUE_IMPLAUSIBLE)
_LENGTH_COLUMNS: Final = ("lenhei_cm", "height_cm", "measure")
_WEIGHT_COLUMNS: Final = ("weight_kg", "oedema")
_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "len": _LENGTH_COLUMNS,
    "hfa": _LENGTH_COLUMNS,
    "wei": _WEIGHT_COLUMNS,
    "wfa": _WEIGHT_COLUMNS,
    "hc": ("headc_cm",),
    "ac": ("armc_cm",),
    "ts": ("triskin_mm",),
    "ss": ("subskin_mm",),
}
"""Columns behind a score by the end of its reason column; every other score needs all measurements of its norm."""

_AGE: Final = (
    Field("age_days", "number", "日龄（精确，不取整也可）"),
    Field("age_months", "number", "月龄（精确；没有日龄时用）"),
)
_ID: Final = identifier()
_SEX: Final = Field("sex", "text", "性别：m/f/1/2/男/女（男生、女童等也可）", required=True, allowed=tuple(SEX))
_MEASURE: Final = Field("measure", "text", "量法：l 卧位身长，h 立位身高", allowed=tuple(MEASURED))
_OEDEMA: Final = Field("oedema", "text", "水肿：y/n/1/2/是/否（0 也是没有）", allowed=tuple(OEDEMA))
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
    ),
    tuple(f"r{measure.code}" for measure in who2007.MEASURES),
    who2007.score_who2007,
)

WST423: Final = Norm(
    "wst423",
    wst423.STANDARD,
    "7 岁以下儿童生长标准",
    (_ID, _SEX, *_AGE, _WEIGHT, _LENGTH, _MEASURE, _HEAD),
    (_BY_AGE, ("weight_kg", "lenhei_cm", "headc_cm")),
    tuple(
        pair
        for code, name in wst423.LABELS_ZH.items()
        for pair in (
            (f"wst423_sd_{code}", f"{name} 生长水平（标准差法）：low below_middle middle above_middle high"),
            (f"wst423_pct_{code}", f"{name} 生长水平（百分位数法）：同上"),
            *(
                ((f"wst423_{code}", f"{name} 营养状况：{' '.join(dict.fromkeys(wst423.STATUS[code]))}"),)
                if code != "hc"
                else ()
            ),
        )
    ),
    tuple(f"wst423_r_{code}" for code in wst423.MEASURES),
    wst423.score_wst423,
)

WST586: Final = Norm(
    "wst586",
    school_age.WST586,
    "学龄儿童青少年超重与肥胖筛查（6–18 岁）",
    (_ID, _SEX, *_AGE, _HEIGHT, _LENGTH, _WEIGHT),
    (_BY_AGE, ("height_cm", "lenhei_cm"), ("weight_kg",)),
    (("wst586_bmi", "体质指数，一位小数"), ("wst586_grade", "normal overweight obese")),
    ("wst586_r",),
    school_age.score_wst586,
)

WST456: Final = Norm(
    "wst456",
    school_age.WST456,
    "学龄儿童青少年营养不良筛查（6–18 岁）",
    (_ID, _SEX, *_AGE, _HEIGHT, _LENGTH, _WEIGHT),
    (_BY_AGE, ("height_cm", "lenhei_cm")),
    (
        ("wst456_stunted", "生长迟缓：yes no"),
        ("wst456_thinness", "消瘦：moderate_severe mild none"),
        ("wst456_grade", "先判生长迟缓再判消瘦：stunted thin_moderate_severe thin_mild normal"),
    ),
    ("wst456_r",),
    school_age.score_wst456,
)

WST612: Final = Norm(
    "wst612",
    school_age.WST612,
    "7 岁～18 岁儿童青少年身高发育等级评价",
    (_ID, _SEX, *_AGE, _HEIGHT, _LENGTH),
    (_BY_AGE, ("height_cm", "lenhei_cm")),
    (("wst612_grade", "身高等级：low below_middle middle above_middle high"),),
    ("wst612_r",),
    school_age.score_wst612,
)

WST800: Final = Norm(
    "wst800",
    birth.STANDARD,
    "不同胎龄新生儿出生时生长评价",
    (
        _ID,
        _SEX,
        Field("gestation_weeks", "number", "出生胎龄，周（按满周）", required=True),
        Field("birth_weight_g", "number", "出生体重，克"),
        Field("birth_length_cm", "number", "出生身长，厘米"),
        Field("birth_head_cm", "number", "出生头围，厘米"),
    ),
    (("birth_weight_g", "birth_length_cm", "birth_head_cm"),),
    (
        *(
            (f"wst800_{name}", f"{zh}所在百分位段：{' '.join(birth.BANDS)}")
            for name, zh in (("weight", "体重"), ("length", "身长"), ("head", "头围"))
        ),
        ("wst800_size", "small 小于胎龄 appropriate 适于胎龄 large 大于胎龄"),
        ("low_birth_weight", "低出生体重（不足 2500 克）"),
        ("preterm", "早产（不满 37 周）"),
    ),
    ("wst800_r",),
    birth.score_wst800,
)

NORMS: Final[dict[str, Norm]] = {norm.key: norm for norm in (WHO2006, WHO2007, WST423, WST586, WST456, WST612, WST800)}

"""The words of a yearbook in both languages: what every edition says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.base import Label
from qingmiao.content.citing import method_cited
from qingmiao.content.indicators import Indicator
from qingmiao.disclosure import RULE
from qingmiao.report.yearbook.tables import BROKEN, HIDDEN, NONE, Yearly

CONTENTS = Label(zh="目录", en="Contents")
NOTES = Label(zh="使用说明", en="Notes for users")
EXPLAINED = Label(zh="主要统计指标解释", en="Indicators explained")
INDICATOR = Label(zh="指标", en="Indicator")
UNIT = Label(zh="单位", en="Unit")
DEMO = Label(
    zh="本书由演示数据生成，所有数字均不代表任何地区的真实情况，不得引用。",
    en="Made from demonstration data: no figure stands for any real place, and none may be quoted.",
)


def both(label: Label) -> str:
    """Chinese with English beside it, where there is English that says more."""
    return label.zh if label.en in ("", label.zh) else f"{label.zh} {label.en}"


def title(made: Yearly) -> Label:
    """“演示县2025年妇女儿童统计资料”."""
    return Label(
        zh=f"{made.county}{made.book.label.zh}（{made.year}年）",
        en=f"{made.county}: {made.book.label.en or made.book.label.zh}, {made.year}",
    )


def notes(made: Yearly, *, demo: bool, snapshot: str) -> Iterator[Label]:
    """What a reader has to know before quoting a number."""
    if demo:
        yield DEMO
    small, base = RULE.small, RULE.base
    yield Label(
        zh=f"人数1—{small}不公布，其余取整到{base}，合计由公布的数相加；率由公布的分子、分母算出，分子或者分母不公布的，率也不公布。",
        en=f"Counts of 1–{small} are not published, others are rounded to {base}; totals add up what is published, "
        "and a rate is given only where both its parts are.",
    )
    yield Label(
        zh=f"“{HIDDEN}”表示不公布；“{NONE}”表示没有数据；“{BROKEN}”表示这一年起口径改变，与以前不可比。",
        en=f"“{HIDDEN}”: not published; “{NONE}”: no data; “{BROKEN}”: defined otherwise from this year on.",
    )
    yield Label(
        zh="按卫生健康、学年统计的指标，年份是统计年度结束或学年开始的年份，见指标解释。",
        en="For health and school years the year is that in which the health year ends or the school year begins.",
    )
    yield Label(zh=f"数据版本 {snapshot}。", en=f"Data version {snapshot}.")


def explained(indicator: Indicator) -> Label:
    """How an indicator is made and on which document it rests."""
    said = [indicator.formula, f"资料来源：{method_cited(indicator.source)}", indicator.note]
    return Label(zh="。".join(x.rstrip("。") for x in said if x) + "。", en="")

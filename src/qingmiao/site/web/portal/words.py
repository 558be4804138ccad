"""The portal's own words, in Chinese and English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "site": ("儿童发展监测公开数据", "Children's development: public data"),
    "overview": ("总览", "Overview"),
    "indicators": ("指标", "Indicators"),
    "data": ("数据下载", "Data"),
    "about": ("说明", "About"),
    "in_chinese": ("中文", "中文"),
    "skip": ("跳到正文", "Skip to content"),
    "other_language": ("English", "中文"),
    "demo": ("演示数据，全部虚构", "Demonstration data: everything is made up"),
    "edition": ("公开版次", "Public edition"),
    "released": ("公开日期", "Published"),
    "nothing": ("还没有公开的数据。", "Nothing has been published yet."),
    "plan_stands": ("规划目标进展", "How the plan stands"),
    "field": ("领域", "Field"),
    "targets": ("目标", "Targets"),
    "met": ("已达标", "met"),
    "not_met": ("未达标", "not met"),
    "other": ("待判定或不显示", "not judged or not shown"),
    "goals": ("主要目标", "Goals"),
    "standing": ("进展", "Standing"),
    "indicator": ("指标", "Indicator"),
    "year": ("年度", "Year"),
    "value": ("数值", "Value"),
    "numerator": ("分子", "Numerator"),
    "denominator": ("分母", "Denominator"),
    "unit": ("单位", "Unit"),
    "newest": ("最新", "Newest"),
    "series": ("历年数值", "Series"),
    "towns": ("各乡镇", "Townships"),
    "town": ("乡镇", "Township"),
    "map": ("乡镇示意图", "Map of townships"),
    "map_note": ("方格只示意方位，不代表面积和边界。", "Tiles show where townships lie, not their size or borders."),
    "hidden_towns": ("个乡镇的数字较小，不显示。", "townships have small numbers and are not shown."),
    "not_shown": ("不显示", "not shown"),
    "definition": ("定义", "Definition"),
    "formula": ("计算公式", "Formula"),
    "source": ("依据", "Source"),
    "lead": ("牵头单位", "Lead unit"),
    "serves": ("对应的规划目标", "Target of the plan"),
    "download": ("下载", "Download"),
    "embed": ("在网页中引用这张图", "Embed this chart"),
    "cite": ("引用格式", "How to cite"),
    "break": ("口径有变动的年份，前后不连线", "Lines are broken where the definition changed"),
    "rounded": (
        "为保护个人信息，1–7 的数不显示，其他的数取整到 5，比率由取整后的数算出。",
        "To protect persons, counts of 1–7 are not shown, others are rounded to 5; rates are made of rounded counts.",
    ),
    "all_data": ("全部指标（CSV）", "All indicators (CSV)"),
    "package": ("数据包说明（Data Package）", "Data Package"),
    "sdmx": ("统计数据交换标准（SDMX 3.0）", "SDMX 3.0"),
    "sdmx_about": (
        "同一版的全部指标：结构（代码表、概念，中英文）和数据。不显示的数没有数值，状态写 Q。",
        "All indicators of this edition: structure (code lists, concepts, in two languages) and data. What is not shown"
        " has no value and the status Q.",
    ),
    "sdmx_structure": ("结构（SDMX-ML）", "Structure (SDMX-ML)"),
    "sdmx_csv": ("数据（SDMX-CSV 2.0）", "Data (SDMX-CSV 2.0)"),
    "sdmx_xml": ("数据（SDMX-ML）", "Data (SDMX-ML)"),
    "five_python": ("五行代码读进 Python", "Into Python in five lines"),
    "five_r": ("五行代码读进 R（只用自带的函数）", "Into R in five lines (base R only)"),
    "five_address": (
        "把 ADDRESS 换成本站的地址（到 /portal/ 为止，以 / 结尾）。",
        "Put this site's address in the place of ADDRESS (up to /portal/, with the last /).",
    ),
    "other_codes": ("在别的指标体系里", "In other frameworks"),
    "columns": ("各列的意思", "What the columns mean"),
    "how": ("怎样处理小数字", "How small numbers are protected"),
    "how_cells": (
        "只遮住小数字不够：用合计去减就能推算回来。所以还另外遮住一些数，使小数字推算不回来；每次公开都和以前公开的核对。",
        "Hiding small numbers alone is not enough: they would follow from totals. More numbers are hidden so that they"
        " do not, and every edition is compared with all earlier ones.",
    ),
    "how_two": (
        "公开的数据由一个人送审、另一个人批准，公开以后不再改动；更正以新的版次公布。",
        "What is published was handed in by one person and approved by another, and never changes; corrections are new"
        " editions.",
    ),
    "how_zero": ("0 照样显示；空白一定不是 0。", "Nought is shown; what is empty is never nought."),
}


def words(language: str) -> dict[str, str]:
    """All words in a language."""
    return {key: pair[language == "en"] for key, pair in WORDS.items()}

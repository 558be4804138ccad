"""Why a dose has its state, in written Chinese: one wording for commands and for the vaccination card."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

REASON_WORDS: Final = MappingProxyType(
    {
        "too_young": "未到最小月龄",
        "interval_too_short": "间隔不足",
        "live_vaccines_too_close": "与另一减毒活疫苗相隔不足 28 天",
        "too_old": "超过该疫苗的年龄",
        "before_birth": "早于出生日期",
        "not_for_sex": "性别不符",
        "other_product": "不属于这名儿童的程序",
        "first_dose_not_counted": "低体重儿出生那一剂不计",
        "extra_dose": "多出的剂次",
        "missing_date": "没有接种日期",
        "unreadable_date": "接种日期读不懂",
        "after_on": "晚于判定的日期",
        "unknown_vaccine": "疫苗读不懂",
        "missing_birth_date": "没有出生日期",
        "conflicting_birth_date": "出生日期前后不一",
        "born_after_on": "出生日期晚于判定的日期",
        "missing_id": "没有编号",
        "missing_sex": "没有性别",
        "immunoglobulin_too_recent": "距免疫球蛋白太近",
        "same_day": "同一天同类疫苗又记一次",
        "antigen_missing": "缺风疹或腮腺炎成分，须再种麻腮风",
        "previous_dose_missing": "先补种前一剂",
        "other_option": "已选用同类的另一种疫苗",
        "other_edition": "不在适用的免疫程序版本里",
        "hiv_exposed": "HIV 感染母亲所生，按专门规定",
        "immunodeficient": "免疫功能异常，按专门规定",
        "series_complete": "这一系列已经完成",
        "dt_instead": "改种白破疫苗",
        "unreadable_record": "接种记录读不懂",
    }
)
"""Reason (`records.REASONS`) → words."""

NOTE_WORDS: Final = MappingProxyType(
    {
        "transition": "新旧免疫程序衔接，按衔接的规定",
        "ppd_needed": "满 3 月龄补种要先做结核菌素试验",
        "other_product": "种的是同类的另一种疫苗",
        "earlier_dose_not_recorded": "记录上写的剂次比已有的记录多，请核对前面的剂次",
        "catch_up_product": "用白破疫苗补种",
        "combined_vaccine": "按联合疫苗的说明书",
        "ipv_instead": "改种脊灰灭活疫苗",
        "catch_up_early": "满 24 月龄补种，第 1 剂提前",
    }
)
"""Note (`records.NOTES`) → words."""

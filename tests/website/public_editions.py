"""Made-up public editions for the tests of the portal."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.shelf import api as shelf


def year(at: int, value: str, numerator: int | None, denominator: int | None = 10_000) -> dict[str, Any]:
    """One year of an indicator or a township."""
    return {"year": at, "value": value, "numerator": numerator, "denominator": denominator, "version": 1}


def indicator(id_: str) -> dict[str, Any]:
    """An indicator of three years, the second of which is suppressed, with two townships."""
    rows = [year(2021, "2.1", 210), year(2022, "", None), year(2023, "3.4", 340)]
    towns = [
        {"code": f"14102910{n}", "name": name, "tile": [n, 1], "rows": [year(y, v, k) for y, v, k in values]}
        for n, name, values in (
            (1, "演示一镇", [(2021, "2.0", 20), (2022, "", None), (2023, "3.0", 30)]),
            (2, "演示二镇", [(2021, "", None), (2022, "", None), (2023, "4.0", 40)]),
        )
    ]
    return {
        "id": id_, "label": {"zh": "演示指标", "en": ""}, "unit": "%", "better": "higher", "decimals": 1,
        "formula": "演示分子÷演示分母×100%", "source": "尚无文件依据", "lead": "演示局", "field": "health",
        "targets": ["T1"], "breaks": [], "matches": [match()], "county": rows, "towns": towns,
    }  # fmt: skip


def match() -> dict[str, Any]:
    """What the indicator is called in another framework."""
    return {
        "type": "SDG", "framework": {"zh": "可持续发展目标", "en": "SDGs"}, "code": "3.2.1",
        "label": {"zh": "5岁以下儿童死亡率", "en": "Under-5 mortality rate"}, "note": "",
        "fit": {"zh": "口径相近", "en": "close"},
    }  # fmt: skip


def services(rows: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Nurseries of two townships: a near one that is full, one with free places farther away, one without a place."""
    said = {"zh": "类别", "en": "kind"}
    return {
        "id": "nurseries", "order": 0, "label": {"zh": "托育机构", "en": "Nurseries"}, "columns": [said],
        "phone": True, "position": True, "places": True, "as_of": "2026-11-28",
        "rows": rows or [
            place("演示一园", "演示一镇", [35.90, 110.80], 40, "none"),
            place("演示二园", "演示二镇", [35.95, 110.80], 60, 20) | {"phone": "0357-6820000"},
            place("演示三园", "演示二镇", None, None, "some"),
        ],
    }  # fmt: skip


def place(name: str, town: str, point: list[float] | None, places: int | None, free: object) -> dict[str, Any]:
    """A place of a service as it lies on the shelf."""
    return {
        "name": name, "town": {"code": "141029101", "name": town}, "cells": [{"zh": "托育机构", "en": "nursery"}],
        "phone": "", "point": point, "places": places, "free": free, "on": "2026-10-01",
    }  # fmt: skip


def news() -> dict[str, Any]:
    """A project that is finished, and what a unit tells."""
    project = {"date": "2026-09-01", "label": {"zh": "民生实事", "en": "Project"}, "unit": "演示局", "text": "",
               "title": "演示幼儿园改造", "percent": 100, "due": "2026-10-01", "finished": True}  # fmt: skip
    told = {**project, "date": "2026-08-01", "label": {"zh": "为儿童办的实事", "en": ""}, "title": "演示夏令营",
            "text": "演示儿童六十人参加。", "percent": None, "due": "", "finished": False}  # fmt: skip
    return {"news": [project, told]}


def put_edition(number: int = 1, *, indicators: dict[str, Any] | None = None) -> None:
    """Put a made-up edition on the shelf, committed."""
    found = indicators or {"health.demo": indicator("health.demo")}
    verdict = {"code": "met", "zh": "已达标", "en": "met"}
    target = {"id": "T1", "label": {"zh": "演示目标", "en": "A demo target"}, "quote": "演示目标达到3%",
              "verdict": verdict, "indicators": list(found)}  # fmt: skip
    goal = {"id": "health.g1", "number": "1", "text": "演示主要目标。", "targets": [target]}
    plan = {
        "title": {"zh": "乡宁县儿童发展规划", "en": ""}, "county": {"code": "141029", "name": "演示县"}, "year": 2023,
        "fields": [{"id": "health", "label": {"zh": "儿童与健康", "en": "Children and health"}, "goals": [goal]}],
    }  # fmt: skip
    items = [shelf.ShelvedItem("plan", "", plan)]
    items += [shelf.ShelvedItem("indicator", key, content) for key, content in found.items()]
    items += [shelf.ShelvedItem(shelf.SERVICES, "nurseries", services()), shelf.ShelvedItem(shelf.NEWS, "", news())]
    with transaction.atomic():
        shelf.put(
            audit.SYSTEM, source=f"edition:{number}", people=(1, 2), seen=shelf.newest(), year=2023,
            title={"zh": f"2023年第{number}版", "en": f"2023, edition {number}"}, at=timezone.now(), is_demo=True,
            items=items,
        )  # fmt: skip

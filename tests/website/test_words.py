"""How pages write units and records."""

from __future__ import annotations

from qingmiao.site.web.ui.templatetags.ui import facts, unit


def test_a_rate_is_not_read_as_a_digit_more():
    assert [unit(u) for u in ("1/10万", "1/万", "%", "", None)] == ["/10万", "/万", "%", "", ""]


def test_details_are_words_and_json_not_python():
    assert facts({"reason": "点错了", "second_factor": True, "forms": ["H101"]}) == (
        'reason=点错了　second_factor=true　forms=["H101"]'
    )
    assert facts({}) == ""

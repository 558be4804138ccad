"""Forms on pages: what was typed comes back as it was sent, faults are linked, files are judged by their bytes."""

from __future__ import annotations

import random
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from qingmiao.content.forms import Form
from qingmiao.content.norms import NORMS
from qingmiao.forms import fill, prepare
from qingmiao.forms.ready import ready_form
from qingmiao.forms.values import decimal_text
from qingmiao.site.apps.files import api as files
from qingmiao.site.web.ui.forms import read, render
from unit.forms.test_browser_agrees import EVERYTHING, answered
from website.form_inputs import Inputs

DAY = date(2024, 5, 31)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(4) + b"IENDcrc4"


def post(sent: dict[str, list[str]]) -> QueryDict:
    made = QueryDict(mutable=True)
    for name, values in sent.items():
        made.setlist(name, values)
    return made


def a_form(*fields: dict, **more: object) -> object:
    whole = {"id": "tried", "version": 1, "label": {"zh": "试"}, "purpose": "record", "fields": list(fields),
             "source": {"document": "虚构表单", "evidence": "local"}, **more}  # fmt: skip
    return ready_form(Form.model_validate(whole), {}, {}, {})


def test_what_was_typed_comes_back_whatever_it_is(pack) -> None:
    """Rendered and sent again without script, answers are judged exactly as the first time."""
    rng = random.Random(7)
    forms = [ready_form(EVERYTHING, {}, {}, {}), *(prepare(pack, f) for f in pack.forms)]
    for ready in forms:
        for _ in range(8):
            given = answered(ready.fields, rng)
            first = fill(ready, given, on=DAY)
            page = render(ready, given, first.faults, on=DAY, filled=first, queries=first.queries)
            found = Inputs(page)
            again = fill(ready, read(ready, post(found.sent)).answers, on=DAY)
            assert (again.values, again.shown) == (first.values, first.shown), given
            blank = [r for f in ready.fields if f.field.repeat for r in given[f.id] if not any(r.values())]
            if not blank:  # a row left blank is not sent, and its faults with it
                assert [f.field for f in again.faults] == [f.field for f in first.faults]
            assert found.linked <= found.ids  # the summary leads to what is to be mended
            assert found.described <= found.ids


def test_what_people_typed_is_text_and_nothing_else() -> None:
    ready = a_form({"id": "q", "label": {"zh": "问"}, "type": "text"})
    page = render(ready, {"q": '"><script>alert(1)</script>'}, on=DAY)
    assert "<script>alert" not in page
    assert Inputs(page).sent["q"] == ['"><script>alert(1)</script>']


def test_a_query_is_asked_until_it_is_explained() -> None:
    check = {"id": "high", "level": "query", "check": "q < 100", "message": {"zh": "太高？", "en": "Too high?"}}
    ready = a_form({"id": "q", "label": {"zh": "问"}, "type": "integer", "checks": [check]})
    filled = fill(ready, {"q": "150"}, on=DAY)
    page = Inputs(render(ready, {"q": "150"}, on=DAY, queries=filled.queries))
    assert page.sent["explain.high"] == [""]
    assert [q.key for q in filled.unexplained(read(ready, post(page.sent)).explanations)] == ["high"]
    told = read(ready, post(page.sent | {"explain.high": ["量了两次"]}))
    assert filled.unexplained(told.explanations) == ()


def test_rows_are_added_and_taken_away_without_script() -> None:
    ready = ready_form(EVERYTHING, {}, {}, {})
    row = {
        "visits.1.came": ["2024-05-01"],
        "visits.1.days": ["3"],
        "visits.7.came": ["2024-05-02"],
        "visits.7.days": [""],
    }
    more = read(ready, post(row | {"_more": ["visits"]}))
    assert more.editing
    assert [r.get("came") for r in more.answers["visits"]] == ["2024-05-01", "2024-05-02", None]
    less = read(ready, post(row | {"_less": ["visits.1"]}))
    assert [r["came"] for r in less.answers["visits"]] == ["2024-05-02"]
    assert len(read(ready, post({f"visits.{n}.days": ["1"] for n in range(3000)})).answers["visits"]) == 500


def upload(data: bytes, name: str = "照片.jpg") -> MultiValueDict:
    return MultiValueDict({"p": [SimpleUploadedFile(name, data)]})


def test_a_file_is_judged_by_its_bytes_and_kept_over_a_refused_page(settings, tmp_path) -> None:
    settings.HOME = tmp_path
    ready = a_form(
        {"id": "p", "label": {"zh": "照片"}, "type": "photo"}, {"id": "q", "label": {"zh": "问"}, "type": "text"}
    )
    given = read(ready, post({"q": [""]}), upload(PNG, "a.html"))
    key = given.answers["p"]
    assert key.endswith(".png")
    assert files.path_of(files.ANSWERS, key).read_bytes() == PNG
    shown = Inputs(render(ready, given.answers, on=DAY))
    assert read(ready, post(shown.sent)).answers["p"] == key
    forged = read(ready, post({"p.kept": [key], "q": ["x"]}))
    assert forged.answers["p"] == ""  # a name that we did not sign is no file


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<html><script>", "认不出"),
        (b"%PDF-1.4", "内容是 pdf"),
        (b"", "空文件"),
        (b"\xff\xd8\xff" + bytes(10 * 2**20), "超过 10 MB"),
    ],
)
def test_what_is_no_photograph_is_refused_in_words(data: bytes, why: str, settings, tmp_path) -> None:
    settings.HOME = tmp_path
    given = read(a_form({"id": "p", "label": {"zh": "照片"}, "type": "photo"}), post({}), upload(data))
    assert [f.field for f in given.faults] == ["p"]
    assert why in given.faults[0].message
    assert not list(tmp_path.rglob("*.*"))


def test_a_value_of_a_norm_on_the_page_is_what_is_stored(client, pack) -> None:
    """What the address answers to the browser is what `fill` keeps, digit for digit, without login."""
    ready = prepare(pack, "record.growth_monitoring")
    given = {"sex": "M", "birth_date": "2022-01-01", "measured_on": "2023-12-31", "weight": "9.0", "length": "76",
             "measured": "L", "oedema": "否"}  # fmt: skip
    filled = fill(ready, given, on=DAY)
    said = ["M", "2022-01-01", "2023-12-31"]
    calls = [
        ["who2006_length_z", [*said, "76", "L"]],
        ["who2006_weight_z", [*said, "9", False]],
        ["wst423_weight", [*said, "9"]],
        ["who2006_length_z", [*said, None, "L"]],
    ]
    got = client.post(reverse("forms.compute"), {"calls": calls}, content_type="application/json")
    assert got.status_code == 200
    assert got.headers["Cache-Control"] == "no-store"
    length, weight, grade, missing = got.json()["values"]
    assert length == {"number": decimal_text(filled.values["length_z"])}
    assert weight == {"number": decimal_text(filled.values["weight_z"])}
    assert grade == filled.values["weight_grade"] == "severely_underweight"
    assert missing is None
    shown = Inputs(render(ready, given, on=DAY, filled=filled))
    assert shown.sent["length"] == ["76"]
    assert "重度低体重" in render(ready, given, on=DAY, filled=filled)


@pytest.mark.parametrize(
    "calls",
    [
        None, "who2006_weight_z", [["no_such", []]], [["who2006_weight_z", ["M"]]], [[]], [1], [["eval", ["1"]]],
        [["who2006_weight_z", ["M", "2022-13-01", "2023-12-31", "9", None]]],
        [["who2006_weight_z", ["M", "2022-01-01", "2023-12-31", "九", None]]],
        [["who2006_weight_z", ["M", "2022-01-01", "2023-12-31", {"number": "9"}, None]]],
        [["who2006_weight_z", ["M" * 61, "2022-01-01", "2023-12-31", "9", None]]],
        [["wst612_grade", ["M", "2014-01-01", "2023-12-31", "130"]]] * 61,
    ],
)  # fmt: skip
def test_what_no_page_asks_for_is_refused(client, calls) -> None:
    got = client.post(reverse("forms.compute"), {"calls": calls}, content_type="application/json")
    assert got.status_code == 400


def test_odd_values_of_a_norm_are_missing_and_never_a_fault(client) -> None:
    odd = {"text": ("", "x", "男", "9"), "date": ("0001-01-01", "9999-12-31"), "boolean": (True,),
           "number": ("0", "-1", "1e300", "-1e-300", "1e15", "99999999999999")}  # fmt: skip
    calls = [
        [name, [odd[a.kind][n % len(odd[a.kind])] for a in norm.arguments]]
        for name, norm in NORMS.items()
        for n in range(6)
    ]
    for at in range(0, len(calls), 50):
        got = client.post(reverse("forms.compute"), {"calls": calls[at : at + 50]}, content_type="application/json")
        assert got.status_code == 200
        values = got.json()["values"]
        assert not [v for v in values if isinstance(v, dict) and "E" in v["number"].upper()]

"""A child's name, numbers, phone, address and what is written of it stand where they belong, and nowhere else.

Marked values go through every door of children's files: pages that take them, pages that refuse them, /fhir. Then the
log, the database's log, the files of the home, every column of every table, notices, addresses, and what people
without rights are answered are searched for them.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from psycopg import sql

from qingmiao.site.config.logging import JsonLines
from qingmiao.site.web.console.records.urls import urlpatterns
from website.filed import KIND, a_number, answers, born, doctor, keeper
from website.filed_posting import EXPLAINED
from website.role_ids import Role
from website.test_fhir_children import caller

pytestmark = pytest.mark.django_db
NAME, MOTHER, FORMER, SAID = "雀娃甲演示", "雀母乙演示", "雀曾名演示", "雀言自由文字"
PHONE, ADDRESS, CERTIFICATE = "13747110815", "雀巷四七一一号", "Z471108153"
WOMAN, HER_PHONE, HER_VILLAGE = "雀妇丁演示", "13747110816", "演示村"
NAMES_STAND_IN = {
    "records_child": {"name", "name_key", "former_names"}, "records_child_version": {"name", "former_names"},
    "records_relative": {"name", "name_key"},
    "records_mother_version": {"name"},
}  # fmt: skip
ANSWERS_STAND_IN = {"records_record_version": {"answers"}}


@dataclass(frozen=True)
class Marked:
    """What was written through the doors, and the child's number."""

    child: int
    record: int
    number: str
    addresses: tuple[str, ...]
    """Every address that was asked for or led to."""
    mother: int
    """The number of a woman's file."""
    her_number: str

    @property
    def marks(self) -> tuple[str, ...]:
        return (NAME, MOTHER, FORMER, SAID, WOMAN, *self.sealed)

    @property
    def sealed(self) -> tuple[str, ...]:
        """What stands readable nowhere at all."""
        return (PHONE, ADDRESS, CERTIFICATE, self.number, HER_PHONE, self.her_number)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    yield text
    logging.getLogger().removeHandler(handler)


class Walk:
    """Somebody at the pages, who remembers every address."""

    def __init__(self, browser: Client) -> None:
        self.browser, self.addresses = browser, list[str]()

    def post(self, name: str, args: tuple[Any, ...], sent: dict[str, Any], status: int) -> Any:
        answer = self.browser.post(reverse(name, args=args), sent)
        assert answer.status_code == status, (name, answer.content.decode()[:3000])
        self.addresses += [answer.request["PATH_INFO"], answer.get("Location", "")]
        return answer


def through_every_door(who: Any, other: Any, browser_of: Any) -> Marked:
    """Write the marks wherever a page or a program may send them; each door also with what it must refuse."""
    birth = born()
    number = a_number(birth, "F")
    walk = Walk(browser_of(who))
    sent = {
        "name": NAME, "sex": "F", "birth_date": birth.isoformat(), "certainty": "day", "number": number,
        "certificate": CERTIFICATE, "area": "141029100", "village": "演示村", "address": ADDRESS,
        "relative_name": MOTHER, "relative_kind": "mother", "guardian": "1", "phone": PHONE, "former": FORMER,
    }  # fmt: skip
    walk.post("records.new", (), sent | {"sex": "M"}, 400)
    walk.post("records.new", (), sent | {"phone": PHONE + "x"}, 400)
    made = walk.post("records.new", (), sent, 302)
    child = int(made["Location"].rstrip("/").rpartition("/")[2])
    walk.post("records.new", (), sent, 400)
    for said in (NAME, number, CERTIFICATE, number[:-1], PHONE):
        walk.post("records.list", (), {"q": said}, 200)
    walk.post("records.change", (child,), sent | {"do": "amend", "version": "9", "reason": "已核对户口簿"}, 409)
    walk.post("records.change", (child,), sent | {"do": "amend", "version": "1", "reason": "已核对户口簿"}, 302)
    for what in ("number", "certificate", "address"):
        walk.post("records.one", (child,), {"what": what, "purpose": "核对出生证明"}, 200)
    checked = answers(remark=SAID) | EXPLAINED | {"operation": "canary-operation"}
    walk.post("records.add", (child, KIND), checked | {"weight": SAID}, 400)
    walk.post("records.add", (child, KIND), checked, 302)
    from qingmiao.site.apps.records.event_models import HealthRecord

    record = HealthRecord.objects.get(child=child).pk
    corrected = checked | {"version": "1", "correction_reason": "抄错了一位数", "weight": "9.8"}
    walk.post("records.correct", (record,), corrected, 302)
    walk.post("records.correct", (record,), corrected | {"weight": "9.7"}, 409)
    mother, her_number = a_woman(walk)
    urgent = Walk(browser_of(other))
    urgent.post("records.list", (), {"urgent": "1", "number": number, "reason": "短"}, 400)
    urgent.post("records.list", (), {"urgent": "1", "number": a_number(birth, "F"), "reason": "儿童走失寻找家人"}, 400)
    ask = caller(who)
    for url in (f"/fhir/Patient?name={NAME}", f"/fhir/Patient?identifier={number}", f"/fhir/Patient/{child}/{NAME}"):
        assert ask("GET", url).status_code < 500
    patient = {"resourceType": "Patient", "name": [{"text": NAME}], "gender": "female", "birthDate": number}
    assert 400 <= ask("POST", "/fhir/Patient", patient).status_code < 500
    return Marked(child, record, number, (*walk.addresses, *urgent.addresses), mother, her_number)


def a_woman(walk: Walk) -> tuple[int, str]:
    """The marks of a woman through every door of mothers' files: the number of her file, and her own."""
    number = a_number(date(1996, 5, 1), "F")
    sent = {
        "name": WOMAN, "birth_date": "1996-05-01", "number": number, "phone": HER_PHONE, "area": "141029100",
        "village": HER_VILLAGE,
    }  # fmt: skip
    walk.post("mothers.new", (), sent | {"phone": HER_PHONE + "x"}, 400)
    made = walk.post("mothers.new", (), sent, 302)
    mother = int(made["Location"].rstrip("/").rpartition("/")[2])
    walk.post("mothers.new", (), sent, 400)
    second = {**sent, "number": "", "reason": "暂时无法核实，先建档"}
    other = walk.post("mothers.new", (), second, 302)["Location"].rstrip("/").rpartition("/")[2]
    for said in (WOMAN, number):
        walk.post("mothers.list", (), {"q": said}, 200)
    for what in ("number", "phone"):
        walk.post("mothers.one", (mother,), {"what": what, "purpose": "核对出生证明"}, 200)
    why = {"reason": "已核对户口簿"}
    walk.post("mothers.change", (mother,), sent | {"do": "amend", "version": "9"} | why, 409)
    walk.post("mothers.change", (mother,), sent | {"do": "amend", "version": "1"} | why, 302)
    shown = walk.browser.get(reverse("mothers.pairs")).content.decode()
    assert WOMAN in shown
    assert found_in(shown, (HER_PHONE, number)) == []
    walk.post("mothers.change", (int(other),), {"do": "merge", "into": str(mother), "version": "1"} | why, 302)
    return mother, number


@pytest.fixture
def marked(make_person: Any, browser_of: Any, logged: io.StringIO) -> Marked:
    return through_every_door(doctor(make_person), keeper(make_person), browser_of)


def found_in(text: str, marks: tuple[str, ...]) -> list[str]:
    """The marks in a text, as they are or as the database writes their bytes."""
    return [m for m in marks if m in text or m.encode().hex() in text]


def test_marked_values_stand_in_their_columns_alone(marked: Marked, logged: io.StringIO) -> None:
    assert found_in(logged.getvalue(), marked.marks) == []
    assert '"qingmiao.request"' in logged.getvalue()
    assert found_in("\n".join(marked.addresses), marked.marks) == []
    stray, stood = [], set()
    for table, column, text in every_cell():
        for mark in found_in(text, marked.marks):
            at_home = {
                **dict.fromkeys((NAME, MOTHER, FORMER, WOMAN), NAMES_STAND_IN), SAID: ANSWERS_STAND_IN,
            }.get(mark, {})  # fmt: skip
            stood.add(mark)
            if column not in at_home.get(table, ()):
                stray.append((table, column, mark))
    assert stray == []
    assert stood == {NAME, MOTHER, FORMER, SAID, WOMAN}
    for path in Path(settings.HOME).rglob("*"):
        inside = path.relative_to(settings.HOME)
        assert found_in(str(inside), marked.marks) == []
        if path.is_file() and (inside.parts[0] != "postgres" or path.name == "log"):
            assert found_in(content(path), marked.marks) == [], inside


def content(path: Path) -> str:
    """A file as text; a table of facts as its rows."""
    if path.suffix == ".parquet":
        return str(pq.read_table(path).to_pylist())
    return path.read_bytes().decode("utf-8", "replace")


def every_cell() -> Iterator[tuple[str, str, str]]:
    """(table, column, all its values as text) of the whole database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
            " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        columns = cursor.fetchall()
        for table, column in columns:
            query = sql.SQL("SELECT string_agg({c}::text, chr(10)) FROM {t}")
            cursor.execute(query.format(c=sql.Identifier(column), t=sql.Identifier(table)))
            yield table, column, cursor.fetchone()[0] or ""
    assert len(columns) > 300


def every_address(marked: Marked) -> list[str]:
    """Every address of children's and mothers' files that a page answers, of the marked child and woman: also those
    that are made after this test."""
    found = []
    for route in urlpatterns:
        name = str(route.name)
        file = marked.mother if name.startswith("mothers.") else marked.child
        known = {
            "number": marked.record if name in ("records.record", "records.correct") else file, "form": "pdf",
            "kind": "premarital" if name.startswith("mothers.") else KIND,
        }  # fmt: skip
        found.append(reverse(name, kwargs={k: known[k] for k in route.pattern.converters}))
    assert len(found) > 35
    return found


def test_who_has_no_right_is_answered_without_any_of_it(marked: Marked, make_person: Any, browser_of: Any) -> None:
    people = [
        make_person("statistics", Role.STATISTICS), make_person("health", Role.LIAISON),
        make_person("education", Role.SCHOOL), make_person("committee_office", Role.AUDITOR),
        make_person("government_service", Role.SECURITY_ADMIN), make_person("government_service", Role.SYSTEM_ADMIN),
        make_person("government_service", Role.AUDIT_ADMIN), keeper(make_person, "township.141029200"),
        make_person("other.health", Role.LIAISON),
    ]  # fmt: skip
    asked = [*every_address(marked), "/notices/", "/audit/", f"/search?q={NAME}", "/"]
    for person in people:
        browser = browser_of(person, raise_request_exception=False)
        for url in asked:
            answer = browser.get(url)
            own = (NAME,) if url.startswith("/search") else ()  # what was asked is said back
            marks = tuple(m for m in marked.marks if m not in own)
            assert found_in(answer.content.decode(), marks) == [], (person.username, url)
        for body in ({"q": NAME}, {"q": marked.number}):
            said = browser.post(reverse("records.list"), body).content.decode()
            assert f'href="/records/{marked.child}"' not in said, person.username
            assert MOTHER not in said
    for person in people[-2:]:
        ask = caller(person)
        for url in (f"/fhir/Patient/{marked.child}", f"/fhir/Patient?identifier={marked.number}", "/fhir/Patient"):
            told = ask("GET", url).content.decode().replace(f"identifier={marked.number}", "")
            assert found_in(told, marked.marks) == [], (person.username, url)


def test_pages_of_files_are_kept_by_no_browser_or_proxy(marked: Marked, make_person: Any, browser_of: Any) -> None:
    browser = browser_of(doctor(make_person))
    pages = [reverse("records.list"), reverse("records.one", args=(marked.child,))]
    pages.append(reverse("records.record", args=(marked.record,)))
    for url in pages:
        answer = browser.get(url)
        assert NAME in answer.content.decode()
        assert "no-store" in answer["Cache-Control"], url
        assert answer["Referrer-Policy"] in ("same-origin", "no-referrer", "strict-origin")


def test_who_reads_very_much_is_told_of_by_page_list_and_program(make_person: Any, browser_of: Any, monkeypatch: Any):
    from qingmiao.site import pack as site_pack
    from qingmiao.site.apps.notices.models import Notification
    from website.filed import a_child

    guard = make_person("government_service", Role.SECURITY_ADMIN)
    auditor = make_person("committee_office", Role.AUDITOR)
    reader = doctor(make_person)
    first, second = a_child(reader, "演示一"), a_child(reader, "演示二", birth=born(700))
    allowed = {"children_seen_a_day": 1, "rows_of_children_an_hour": 3}
    known = site_pack.pack()
    few = replace(known, policy=known.policy.model_copy(update=allowed))
    monkeypatch.setattr(site_pack, "pack", lambda: few)

    def told() -> list[str]:
        rows = Notification.objects.filter(kind="records.alarm", to__in=(guard, auditor)).order_by("pk")
        return list(rows.values_list("subject", flat=True))

    browser = browser_of(reader)
    browser.get(reverse("records.one", args=(first,)))
    browser.get(reverse("records.list"))
    assert told() == []
    browser.get(reverse("records.one", args=(second,)))
    assert len(told()) == 2
    assert "查阅了 2 名儿童的档案" in told()[0]
    assert caller(reader)("GET", "/fhir/Patient").status_code == 200
    assert len(told()) == 4
    assert "4 行儿童信息" in told()[-1]
    browser.get(reverse("records.list"))
    assert len(told()) == 4  # once a day


def test_tables_of_children_leave_only_for_a_purpose_that_is_kept(marked: Marked, make_person: Any, browser_of: Any):
    from qingmiao.site.apps.audit.models import Event

    browser = browser_of(doctor(make_person))
    pages = [reverse("records.list"), reverse("records.looked", args=(marked.child,))]
    pages.append(reverse("records.record", args=(marked.record,)))
    for url in pages:
        for asked in ({"export": "xlsx"}, {"export": "xlsx", "purpose": "看看"}):
            refused = browser.get(url, asked)
            assert refused["Content-Type"].startswith("text/html"), url
            assert b'name="purpose" required' in refused.content
    assert not Event.objects.filter(action="site.export").exists()
    for url in pages:
        given = browser.get(url, {"export": "xlsx", "purpose": "报送卫生健康部门", "state": "here"})
        assert "spreadsheetml" in given["Content-Type"], url
        assert found_in(given["Content-Disposition"], (quote(NAME), *marked.marks)) == []
        assert "用途：报送卫生健康部门" in first_line(given.content)
    told = [e.detail for e in Event.objects.filter(action="site.export").order_by("pk")]
    assert [d["purpose"] for d in told] == ["报送卫生健康部门"] * 3
    assert found_in(str(told), marked.marks) == []


def first_line(content: bytes) -> str:
    """The first cell of a workbook."""
    from python_calamine import CalamineWorkbook

    return str(CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[0][0])


def test_glass_is_told_to_who_keeps_the_file_and_to_who_guards_the_site_and_to_nobody_else(make_person: Any):
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.notices.models import Notification
    from qingmiao.site.apps.records import api
    from website.filed import a_child

    owner, guard = doctor(make_person), make_person("government_service", Role.SECURITY_ADMIN)
    liaison = make_person("mch_hospital", Role.LIAISON)
    number = a_number(born(), "F")
    child = a_child(owner, NAME, number=number)
    other = keeper(make_person)
    assert api.break_glass(Reach(other), number, reason="儿童走失，正在寻找家人") == child
    told = {n.to_id: n for n in Notification.objects.filter(kind="records.glass")}
    assert set(told) == {owner.pk, guard.pk}
    assert liaison.pk not in told
    assert told[owner.pk].address == f"/records/{child}/looked"
    assert told[guard.pk].address == "/records/glass"  # which tells of no child
    assert found_in("".join(n.subject for n in told.values()), (NAME, number)) == []

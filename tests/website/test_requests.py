"""What guardians ask about a child's file: received, identified, decided, carried out; consents; broken glass judged;
files past their time."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from qingmiao.cli import main
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import tokens
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.notices.models import Notification
from qingmiao.site.apps.records import api, exposure, purposes, twice
from qingmiao.site.apps.records.event_models import HealthRecord, OpenDue, RecordVersion
from qingmiao.site.apps.records.models import Child, ChildVersion, Relation, Relative
from qingmiao.site.apps.records.privacy import erasing
from qingmiao.site.apps.records.privacy.copied import ChildCopy
from qingmiao.site.apps.records.privacy.models import Consent, Erasure, FileRequest, GlassReview
from website import filed_privacy as private
from website.filed import HOME, a_child, a_clinic, a_kept_record, a_number, born, doctor, keeper, mother, said
from website.role_ids import Role

pytestmark = pytest.mark.django_db
P = api.privacy
NUMBER = a_number(born(), "F")
WHY = "写清楚了的理由"


@pytest.fixture
def asked(make_person: Callable) -> tuple[Any, Reach, int]:
    """The doctor who answers, her reach, a child with a record."""
    child = a_child(keeper(make_person), number=NUMBER, certificate="M790000009")
    a_kept_record(child)
    who = doctor(make_person)
    return who, Reach(who), child


def received(reach: Reach, child: int, kind: str) -> int:
    return P.receive(reach, child, kind=kind, applicant="演示母", relation="mother", asked="请给我一份孩子的档案")


def take(reach: Reach, number: int, step: str, **said: str) -> None:
    version = FileRequest.objects.get(pk=number).version
    given = {"reason": WHY, "document": "居民身份证、户口簿", "result": "已经当面交给申请人", **said}
    P.step_of_request(reach, number, step, version=version, said=given)


def granted(reach: Reach, child: int, kind: str) -> int:
    number = received(reach, child, kind)
    take(reach, number, "identify")
    take(reach, number, "grant")
    return number


def test_a_copy_is_made_only_after_the_guardian_was_identified_and_holds_everything(
    asked: Any, make_person: Callable, browser_of: Callable
) -> None:
    who, reach, child = asked
    record = HealthRecord.objects.get(child=child)
    number = received(reach, child, "copy")
    with pytest.raises(api.NotAllowedError, match="核实申请人"):
        P.made_for(reach, number)
    with pytest.raises(api.NotAllowedError, match="待核实身份"):
        take(reach, number, "carry_out")
    with pytest.raises(api.NotAllowedError, match="不写证件号码"):
        take(reach, number, "identify", document=f"居民身份证{NUMBER}")
    take(reach, number, "identify")
    take(reach, number, "grant")
    with pytest.raises(api.NotAllowedError, match="先生成"):
        take(reach, number, "carry_out")
    browser = browser_of(who)
    answer = browser.get(reverse("records.fetched", args=(number, "copy.json")))
    copy = ChildCopy.model_validate_json(answer.content)
    assert [(i.number, i.certificate) for i in copy.identities] == [(NUMBER, "M790000009")]
    assert [r.phone for r in copy.relatives] == ["13800000000"]
    assert [r.number for r in copy.records] == [record.pk]
    assert copy.records[0].versions[0].by == record.by.name
    assert len(copy.records[0].versions[0].answers) > 10
    assert copy.stays[0].address == "演示路1号"
    assert "no-store" in answer["Cache-Control"]
    assert "演示" not in answer["Content-Disposition"]
    ledger = Event.objects.get(action="records.request.copy")
    assert (ledger.object_id, ledger.detail["request"], ledger.actor) == (str(child), number, who.username)
    assert ledger.detail["purposes"] == [purposes.of_use("request").id]
    pdf = browser.get(reverse("records.fetched", args=(number, "copy.pdf")))
    assert pdf.content.startswith(b"%PDF")
    take(reach, number, "carry_out")
    assert FileRequest.objects.get(pk=number).state == "done"
    assert browser.get(reverse("records.fetched", args=(number, "answer.pdf"))).content.startswith(b"%PDF")


def test_protected_relations_are_in_no_copy(asked: Any) -> None:
    _, reach, child = asked
    Relation.objects.filter(child=child).update(sealed=True)
    _, copy = P.made_for(reach, granted(reach, child, "copy"))
    assert copy.relatives == ()


def test_the_published_schema_is_the_copy_s_own() -> None:
    path = Path(__file__).resolve().parents[2] / "docs" / "reference" / "child-copy.schema.json"
    assert json.loads(path.read_text("utf-8")) == ChildCopy.model_json_schema()


def test_who_looked_is_told_by_unit_and_purpose(asked: Any, make_person: Callable) -> None:
    _, reach, child = asked
    api.page_of(reach, child)
    _, copy = P.made_for(reach, granted(reach, child, "looked"))
    assert [(x.unit, x.what, x.purpose) for x in copy.looks] == [
        (reach.person.organisation.label, "查阅档案", "儿童健康管理")
    ]


def test_a_refusal_names_its_legal_ground_and_an_unidentified_applicant_is_turned_away(asked: Any) -> None:
    _, reach, child = asked
    number = received(reach, child, "delete")
    take(reach, number, "identify")
    with pytest.raises(api.NotAllowedError, match="法律依据"):
        take(reach, number, "refuse")
    take(reach, number, "refuse", ground="kept_by_law")
    found = FileRequest.objects.get(pk=number)
    assert (found.state, found.ground, found.reason, found.decided_by) == ("refused", "kept_by_law", WHY, reach.person)
    other = received(reach, child, "copy")
    take(reach, other, "turn_away")
    with pytest.raises(api.NotAllowedError):
        P.made_for(reach, other)


def test_a_correction_is_passed_on_to_the_unit_that_keeps_the_file(asked: Any, make_person: Callable) -> None:
    _, reach, child = asked
    granted(reach, child, "correct")
    keepers = set(Notification.objects.filter(kind="records.request").values_list("to__username", flat=True))
    assert keepers == {keeper(make_person).username}


def test_a_blocked_file_is_seen_and_found_by_nobody_until_it_is_used_again(asked: Any, make_person: Callable) -> None:
    _, reach, child = asked
    number = granted(reach, child, "restrict")
    assert api.page_of(reach, child).row.id == child
    assert OpenDue.objects.filter(child=child).exists()
    take(reach, number, "carry_out")
    kept = Reach(keeper(make_person))
    for who in (reach, kept):
        with pytest.raises(api.AbsentError):
            api.page_of(who, child)
        assert child not in [r.id for r in api.listed(who)]
        assert api.search(who, NUMBER) == ()
        for where, _ in exposure.sights(who).readings():
            assert not Child.objects.filter(where, pk=child).exists()
    with pytest.raises(Exception, match="没有找到"):
        api.break_glass(kept, NUMBER, reason="孩子高热惊厥，急需核对既往史")
    assert not OpenDue.objects.filter(child=child).exists()
    assert twice.likely_files(said(number=NUMBER), area=HOME, guardian="演示母", phone="13800000000") == ()
    assert P.request_page(reach, number).blocked
    take(reach, number, "lift")
    assert api.page_of(reach, child).row.id == child


def test_somebody_else_s_request_is_absent(asked: Any, make_person: Callable, browser_of: Callable) -> None:
    _, reach, child = asked
    number = received(reach, child, "copy")
    other = make_person(a_clinic(), Role.HOSPITAL)
    with pytest.raises(api.AbsentError):
        P.request_page(Reach(other), number)
    with pytest.raises(api.AbsentError):
        take(Reach(other), number, "identify")
    director = keeper(make_person)
    assert browser_of(director).get(reverse("records.requests")).status_code == 404


def test_the_answer_is_due_in_thirty_days_and_late_afterwards(asked: Any) -> None:
    _, reach, child = asked
    number = received(reach, child, "copy")
    (row,) = P.requests(reach)
    day = timezone.localdate(row.received_at)
    assert row.clock is not None
    assert row.clock.due is not None
    assert timezone.localdate(row.clock.due) >= day + timedelta(days=30)
    assert not row.clock.late
    FileRequest.objects.filter(pk=number).update(received_at=timezone.now() - timedelta(days=60))
    (row,) = P.requests(reach)
    assert row.clock is not None
    assert row.clock.late


def test_what_asks_for_consent_is_refused_without_it_and_after_it_was_withdrawn(asked: Any) -> None:
    _, reach, child = asked

    def phone() -> str:
        relation = Relation.objects.get(child=child)
        return api.reveal(reach, child, f"phone.{relation.pk}", purpose="发送健康提醒", use="reminders")

    with pytest.raises(api.NotAllowedError, match="同意"):
        phone()
    guardian = Relation.objects.get(child=child).pk
    for wrong in ({"purpose": "child_health"}, {"form": ""}, {"given_date": "2999-01-01"}, {"guardian": 0}):
        with pytest.raises(Exception, match=r"请|日期"):
            P.consent(reach, child, **{**CONSENT, "guardian": guardian, **wrong})
    P.consent(reach, child, **CONSENT, guardian=guardian)
    assert phone() == "13800000000"
    assert Event.objects.filter(action="records.child.reveal").latest("pk").detail["purposes"] == ["reminders"]
    made = Consent.objects.get()
    P.end_consent(reach, child, made.pk, version=made.version, reason="监护人电话要求撤回")
    with pytest.raises(api.NotAllowedError, match="撤回"):
        phone()


CONSENT = {"purpose": "reminders", "given_date": timezone.localdate().isoformat(), "form": "书面同意"}


def test_a_role_whose_only_purpose_asks_for_consent_sees_the_consented_alone(
    asked: Any, make_person: Callable, monkeypatch: Any
) -> None:
    _, reach, child = asked
    other = a_child(keeper(make_person), "演示另娃", birth=born(100), reason=WHY)
    every = purposes.every()
    only = {i: p for i, p in every.items() if p.id == "reminders" or p.use != "work"}
    monkeypatch.setattr(purposes, "every", lambda: only)
    assert [r.id for r in api.listed(reach)] == []
    with pytest.raises(api.AbsentError):
        api.page_of(reach, child)
    Consent.objects.create(
        child_id=child, purpose="reminders", guardian=Relation.objects.get(child=child), form="书面同意", by=reach.person,
        given_date=timezone.localdate(), at=timezone.now(),
    )  # fmt: skip
    assert [r.id for r in api.listed(reach)] == [child]
    assert api.page_of(reach, child).purposes == (every["reminders"].label.zh,)
    with pytest.raises(api.AbsentError):
        api.page_of(reach, other)


def test_broken_glass_is_judged_by_somebody_else_within_reach(asked: Any, make_person: Callable) -> None:
    assert asked
    breaker, own_keeper = doctor(make_person), keeper(make_person)
    api.break_glass(Reach(breaker), NUMBER, reason="孩子高热惊厥，急需核对既往史")
    guard = make_person("government_service", Role.SECURITY_ADMIN)
    review = GlassReview.objects.get()
    (row,) = P.glass(Reach(guard))
    assert (row.child, row.may_judge) == (0, True)
    (own,) = P.glass(Reach(own_keeper))
    assert own.may_judge
    with pytest.raises(api.AbsentError):
        P.judge(Reach(breaker), review.pk, justified=True, version=review.version, reason=WHY)
    api.break_glass(Reach(own_keeper), NUMBER, reason="孩子高热惊厥，急需核对既往史")
    theirs = GlassReview.objects.latest("pk")
    with pytest.raises(api.NotAllowedError, match="本人"):
        P.judge(Reach(own_keeper), theirs.pk, justified=True, version=theirs.version, reason=WHY)
    P.judge(Reach(guard), review.pk, justified=False, version=review.version, reason=WHY)
    review.refresh_from_db()
    assert (review.state, review.by, review.reason) == ("unjustified", guard, WHY)


@pytest.fixture
def times_set(monkeypatch: Any) -> None:
    """A county that has set every time: one year after the last record, or after eighteen."""
    private.times_set(monkeypatch)


def grown_up(child: int) -> None:
    """The child was born long ago, and the last record is old."""
    long_ago = date(1990, 1, 2)
    Child.objects.filter(pk=child).update(birth_date=long_ago, made_at=timezone.now() - timedelta(days=20000))
    HealthRecord.objects.filter(child=child).update(on_date=date(2005, 1, 2))


def test_nothing_is_over_while_a_time_is_not_set(asked: Any) -> None:
    _, _, child = asked
    grown_up(child)
    assert erasing.unset() != ()
    assert erasing.find(timezone.localdate()) == []
    assert erasing.over(Child.objects.get(pk=child), timezone.localdate()) is None


def test_a_file_past_its_times_is_listed_and_erased_by_a_person_and_its_facts_stay(
    asked: Any, times_set: None, make_person: Callable
) -> None:
    _, _, child = asked
    reach = Reach(keeper(make_person))
    young = a_child(keeper(make_person), "演示另娃", birth=born(100), relatives=(mother("演示她母"),), reason=WHY)
    grown_up(child)
    assert erasing.list_over() == 1
    assert erasing.list_over() == 0
    found = Erasure.objects.get()
    assert (found.child_id, found.over_date) == (child, date(2020, 1, 2))
    P.decide_erasure(reach, found.pk, "keep", version=1, reason="诉讼期间继续保存")
    P.decide_erasure(reach, found.pk, "list_again", version=2, reason="诉讼已经结束")
    records = RecordVersion.objects.filter(record__child=child)
    with pytest.raises(ProgrammingError, match="append only"), transaction.atomic():
        records.update(answers={})
    P.decide_erasure(reach, found.pk, "erase", version=3, reason="期限届满，不再需要")
    gone = Child.objects.get(pk=child)
    assert (gone.name, gone.number_sealed, gone.number_index, gone.phone_index) == ("（已删除）", None, None, None)
    assert set(ChildVersion.objects.filter(child=child).values_list("name", flat=True)) == {"（已删除）"}
    assert [v.answers for v in records] == [{}]
    assert Relative.objects.get(relations__child=child).phone_sealed is None
    assert Child.objects.get(pk=young).name == "演示另娃"
    assert Relative.objects.get(relations__child=young).name == "演示她母"
    with pytest.raises(api.AbsentError):
        api.page_of(reach, child)
    trail = Event.objects.get(action="records.erasure.erase")
    assert "演示娃" not in json.dumps(trail.detail, ensure_ascii=False)
    with pytest.raises(ProgrammingError, match="append only"), transaction.atomic():
        records.update(answers={"a": 1})


def test_a_child_s_record_that_is_young_keeps_the_file(asked: Any, times_set: None, make_person: Callable) -> None:
    _, _, child = asked
    reach = Reach(keeper(make_person))
    grown_up(child)
    assert erasing.list_over() == 1
    HealthRecord.objects.filter(child=child).update(on_date=timezone.localdate())
    found = Erasure.objects.get()
    with pytest.raises(api.NotAllowedError, match="没有全部届满"):
        P.decide_erasure(reach, found.pk, "erase", version=1, reason="期限届满，不再需要")


def test_the_pages_are_filled_in(asked: Any, browser_of: Callable, times_set: None, make_person: Callable) -> None:
    who, _, child = asked
    browser = browser_of(who)
    sent = {"kind": "copy", "applicant": "演示母", "relation": "mother", "asked": "请给我一份档案"}
    assert browser.post(reverse("records.ask", args=(child,)), {**sent, "asked": "要"}).status_code == 400
    answer = browser.post(reverse("records.ask", args=(child,)), sent)
    number = FileRequest.objects.get().pk
    where = reverse("records.request", args=(number,))
    assert answer["Location"] == where
    assert "演示母" in browser.get(reverse("records.requests")).content.decode()
    told = browser.post(where, {"do": "identify", "version": "1", "document": "居民身份证、户口簿"})
    assert told.status_code == 302
    assert "核实申请人" in browser.get(where).content.decode()
    given = {**CONSENT, "guardian": str(Relation.objects.get(child=child).pk)}
    page = reverse("records.consents", args=(child,))
    assert browser.post(page, given).status_code == 302
    assert "书面同意" in browser.get(page).content.decode()
    grown_up(child)
    erasing.list_over()
    kept = browser_of(keeper(make_person)).get(reverse("records.past"))
    assert "列入" not in kept.content.decode()
    assert f"<td>{child}</td>" in kept.content.decode()


def test_a_year_is_told_number_by_number_and_each_can_be_followed(asked: Any, tmp_path: Path) -> None:
    _, reach, child = asked
    year = timezone.localdate().year
    before = {t.what.zh: t.number for t in P.year_of(year).by_purpose}
    for _ in range(3):
        api.page_of(reach, child)
    api.break_glass(reach, NUMBER, reason="孩子高热惊厥，急需核对既往史")
    take(reach, granted(reach, child, "restrict"), "carry_out")
    found = P.year_of(year)
    seen = {t.what.zh: t.number for t in found.by_purpose}
    assert seen["儿童健康管理：查阅儿童档案"] - before.get("儿童健康管理：查阅儿童档案", 0) == 3
    assert seen["紧急查阅：紧急查阅"] == 1
    (role,) = [t for t in found.by_role if t.what.zh.endswith("：查阅儿童档案")]
    assert role.number == sum(t.number for t in found.by_purpose if t.what.zh.endswith("：查阅儿童档案"))
    assert {t.what.zh: t.number for t in found.requests}["受理：停止使用（限制处理）"] == 1
    assert {t.what.zh: t.number for t in found.files}["停止使用的档案"] == 1
    assert {t.what.zh: t.number for t in found.glass}["待复核"] == 1
    assert all(t.source for name in ("files", "grants", "by_purpose", "requests") for t in getattr(found, name))
    assert {a.role.zh for a in found.access} >= {"班主任", "医疗卫生机构"}
    assert P.year_of(year - 1).by_purpose == ()
    made = P.write(found, tmp_path, fonts=Path("var/fonts"), on=date(year, 12, 31), demo=True, formats=("html",))
    assert [p.name for p in made] == [f"合规审计数据-{year}.html", f"compliance-{year}.html"]
    zh, en = (p.read_text("utf-8") for p in made)
    assert "第三十七条" in zh
    assert "Who may see what" in en
    annex = (tmp_path / f"合规审计数据-{year}-附件.html").read_text("utf-8")
    assert "审计记录 records.child.see，用途 child_health" in annex
    assert "演示娃" not in zh + en + annex


def test_a_program_gets_a_copy_only_with_the_scope_for_it(asked: Any) -> None:
    who, reach, child = asked
    number = granted(reach, child, "copy")
    url = reverse("rest.guardian_copy", args=(number,))

    def answered(*scopes: str) -> Any:
        _, key = tokens.make(audit.SYSTEM, who.username, purpose="演示系统", scopes=scopes, days=9)
        return Client().get(url, headers={"Authorization": f"Bearer {key}"})

    refused = answered("rest.read", "rest.write", "fhir.read", "fhir.write")
    assert refused.status_code == 403
    assert "rest.copy" in refused.content.decode()
    assert NUMBER not in refused.content.decode()
    assert not Event.objects.filter(action="records.request.copy").exists()
    given = answered("rest.copy")
    assert ChildCopy.model_validate(given.json()).identities[0].number == NUMBER
    assert given["Cache-Control"] == "no-store, private"
    assert Client().get(url, headers={"Authorization": "Bearer x"}).status_code == 401


def test_the_commands_list_what_is_over_and_write_the_report(
    asked: Any, make_person: Callable, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr("qingmiao.cli.privacy.open_site", lambda home=None: nullcontext())
    _, _, child = asked
    grown_up(child)

    def said(*words: str) -> str:
        return CliRunner().invoke(main, [*words], catch_exceptions=False).output

    assert "用途“儿童健康管理”没有保存期限" in said("retention")
    private.times_set(monkeypatch)
    told = said("retention", "--dry-run")
    assert f"{child}\t" in told
    assert "到期 1 份，没有写入" in told
    assert not Erasure.objects.exists()
    assert "新列入待确认 1 份" in said("retention")
    assert "到期 0 份，新列入待确认 0 份" in said("retention")
    year = str(timezone.localdate().year)
    made = said("compliance", "--year", year, "--out", str(tmp_path / "out")).split()
    assert {Path(m).name for m in made} == {
        f"{name}.{form}" for name in (f"合规审计数据-{year}", f"compliance-{year}") for form in ("docx", "pdf", "html")
    }
    assert all(Path(m).read_bytes() for m in made)

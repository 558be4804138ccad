"""From an indicator's number to the children and records that it counts: for those who see the files and read the
kinds, for nobody else; every such look is written down."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.records import api, behind, kinds, sealing
from website.filed import a_child, doctor, keeper
from website.measured import a_run
from website.role_ids import Role
from website.test_mothers import a_mother, worker
from website.test_records_measured import a_check

pytestmark = pytest.mark.django_db
CHECK = re.compile(r"/records/of/(\d+)")


def address(area: str = "141029", **more: Any) -> str:
    rows = [r for r in monitoring.current().values.to_pylist() if r["indicator"] == "health.anaemia_u5"]
    year = max(r["year"] for r in rows if r["area"] == area and r["denominator"])
    asked = {"indicator": "health.anaemia_u5", "area": area, "year": year, **more}
    return "/people-counted?" + "&".join(f"{k}={v}" for k, v in asked.items())


def test_a_number_leads_to_its_children_records_and_recorder(make_person: Any, browser_of: Any) -> None:
    a_run()
    who = doctor(make_person)
    anaemic = a_check(who, a_child(who, "演示贫"), "behind-1", haemoglobin="90")
    well = a_check(
        who, a_child(who, "演示另", village="另村", reason="同名同日不是同一名"), "behind-2", haemoglobin="125"
    )
    monitoring.refresh(audit.SYSTEM)
    page = browser_of(who)
    drawer = page.get(address().replace("people-counted", "lineage")).content.decode()
    assert "/people-counted?" in drawer
    numerator, denominator = (page.get(address(which=n)).content.decode() for n in (0, 1))
    assert [int(n) for n in CHECK.findall(numerator)] == [anaemic]
    assert sorted(int(n) for n in CHECK.findall(denominator)) == [anaemic, well]
    assert "演示贫" in numerator
    assert "演示另" not in numerator
    assert who.name in numerator
    looks = Event.objects.filter(action="records.list", actor=who.username, detail__has_key="number").order_by("pk")
    assert [e.detail["rows"] for e in looks] == [1, 2]
    assert "health.anaemia_u5 141029" in looks[0].detail["number"]


def test_who_sees_no_files_has_no_such_page_and_who_sees_others_sees_none_of_these(
    make_person: Any, browser_of: Any
) -> None:
    a_run()
    who = doctor(make_person)
    a_check(who, a_child(who, "演示贫"), "behind-3", haemoglobin="90")
    monitoring.refresh(audit.SYSTEM)
    for unit, role in (("statistics", Role.STATISTICS), ("health", Role.LIAISON), ("committee_office", Role.AUDITOR)):
        page = browser_of(make_person(unit, role))
        assert page.get(address()).status_code == 404
        drawer = page.get(address().replace("people-counted", "lineage"))
        assert drawer.status_code == 200
        assert "/people-counted?" not in drawer.content.decode()
    elsewhere = browser_of(keeper(make_person, "township.141029200")).get(address())
    assert elsewhere.status_code == 200
    assert "演示贫" not in elsewhere.content.decode()
    assert elsewhere.context["found"].others == elsewhere.context["side"].total == 1


def test_a_row_of_a_roll_leads_to_the_child_for_who_reads_all_that_it_is_made_of(make_person: Any) -> None:
    who = doctor(make_person)
    child = a_child(who, "演示册")
    rows = [{"child_id": sealing.pseudonym(child), "year": "2026"}, {"child_id": "nobody", "year": "2026"}]
    found = api.behind(Reach(who), "managed_children", rows, about="册")
    assert [(p.child.id, p.records) for p in found.people if p.child] == [(child, ())]
    assert found.others == 1
    vaccinator = worker(make_person, "vaccinator", "mch_hospital")
    assert api.behind(Reach(vaccinator), "vaccinations", rows, about="种").others == 1
    needed = behind._kinds_of(next(r for r in behind.rolls() if r.id == "managed_children"))
    read = kinds.read_by(frozenset({"vaccinator"}), kinds.kinds().values())
    assert not needed <= read, "or the next line says nothing"
    assert api.behind(Reach(vaccinator), "managed_children", rows, about="册").people == ()


def test_a_woman_stands_behind_a_number_of_mothers_for_who_sees_her_file(make_person: Any) -> None:
    from qingmiao.site.apps.records.event_models import HealthRecord
    from qingmiao.site.apps.records.mothers.models import MotherFile

    midwife = worker(make_person, "midwife")
    file = MotherFile.objects.get(pk=a_mother(midwife))
    record = HealthRecord.objects.create(
        kind="pregnancy_file", mother_id=file.pk, on_date=timezone.localdate(), unit=file.unit, by=midwife,
        made_at=timezone.now(), operation="behind-4",
    )  # fmt: skip
    (row,) = (row for row in kinds.kinds()["pregnancy_file"].publishes)
    key = [{behind.key_column(row.fact): f"record-{record.pk}"}]
    (found,) = api.behind(Reach(midwife), row.fact, key, about="婚检").people
    assert found.mother is not None
    assert found.mother.id == file.pk
    assert api.behind(Reach(keeper(make_person)), row.fact, key, about="婚检").people == ()
    with pytest.raises(AbsentError):
        api.behind(Reach(make_person("statistics", Role.STATISTICS)), row.fact, key, about="婚检")

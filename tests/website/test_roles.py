"""Roles are content: what a role of the pack may do, who may be given it, and that it counts only where it is held."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from django.contrib.auth.hashers import check_password

from qingmiao.content import load_pack
from qingmiao.content.organisations import fits
from qingmiao.content.roles import ADMINISTRATORS, HOUSE
from qingmiao.flow.house import HOUSE as FLOWS
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import access, api, exposure
from qingmiao.site.apps.directory.beginning import first_administrators
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import COUNTY_WIDE, WORKING
from website.acted import a_task
from website.role_ids import Role

CONTENT = Path(__file__).resolve().parents[2] / "content"
ON = date(2024, 1, 1)


def load(folder: Path, **files: str) -> None:
    """The county's pack with more role files, as a new version that the site loads; an empty text takes one away."""
    if not (folder / "xiangning").exists():
        for name in ("china", "xiangning"):
            shutil.copytree(CONTENT / name, folder / name)
    for name, text in files.items():
        path = folder / "china" / "roles" / f"{name}.yaml"
        path.write_text(text, "utf-8") if text else path.unlink()
    api.load_pack(audit.SYSTEM, load_pack(folder / "xiangning"), on=ON)


def test_the_roles_that_the_flows_name_are_the_ones_that_every_pack_needs() -> None:
    named = {r for flow in FLOWS.values() for s in flow.steps for r in s.roles}
    built_in = {"system_admin", "security_admin", "audit_admin", "auditor"}
    assert named <= HOUSE
    assert {str(r) for r in Role} - built_in - {str(Role.THIRD_PARTY_EVALUATOR)} == HOUSE


@pytest.mark.django_db
class TestANewRole:
    NURSE = (
        "id: nurse\nlabel: {zh: 妇幼专干}\nscope: own\nheld_by: [department]\nlike: [liaison]\nexcludes: [statistics]\n"
    )

    def nurse(self, make_person, tmp_path: Path):
        statistics = (CONTENT / "china/roles/statistics.yaml").read_text("utf-8") + "excludes: [nurse]\n"
        task = a_task(make_person)
        load(tmp_path, nurse=self.NURSE, statistics=statistics)
        who = api.make_person(
            audit.SYSTEM,
            username="nurse",
            name="演示·专干",
            unit=Organisation.objects.get(pk="health"),
            password="made-up river 4711",
        )
        return who, task

    def test_one_file_lets_its_people_do_what_it_is_like(self, make_person, tmp_path: Path) -> None:
        who, task = self.nurse(make_person, tmp_path)
        assert access.steps(Reach(who), task) == ()
        api.grant(audit.SYSTEM, who, "nurse", on=ON)
        assert {s.name for s in access.steps(Reach(who), task)} == {"prove", "answer"}
        assert "妇幼专干" in {r.label for r in api.roles()}

    def test_a_role_that_the_pack_gave_up_gives_nothing(self, make_person, tmp_path: Path) -> None:
        who, task = self.nurse(make_person, tmp_path)
        api.grant(audit.SYSTEM, who, "nurse", on=ON)
        load(tmp_path, nurse="", statistics=(CONTENT / "china/roles/statistics.yaml").read_text("utf-8"))
        assert access.steps(Reach(who), task) == ()
        assert Reach(who).roles == frozenset()
        assert api.role_labels()["nurse"] == "妇幼专干（已取消）"
        with pytest.raises(UserError, match="已经取消"):
            api.grant(audit.SYSTEM, make_person("health", Role.LEADER), "nurse", on=ON)

    @pytest.mark.parametrize(("unit", "word"), [("township.141029100", "不能有“妇幼专干”"), ("mch_hospital", "部门")])
    def test_a_kind_of_unit_that_may_not_hold_it_is_refused(self, make_person, tmp_path: Path, unit, word) -> None:
        who, _ = self.nurse(make_person, tmp_path)
        with pytest.raises(UserError, match=word):
            api.grant(audit.SYSTEM, who, "nurse", on=ON, unit=Organisation.objects.get(pk=unit))

    def test_an_excluded_pair_is_refused_wherever_the_other_is_held(self, make_person, tmp_path: Path) -> None:
        who, _ = self.nurse(make_person, tmp_path)
        api.grant(audit.SYSTEM, who, "statistics", on=ON, unit=Organisation.objects.get(pk="other.statistics"))
        with pytest.raises(UserError, match="已经是“统计部门”"):
            api.grant(audit.SYSTEM, who, "nurse", on=ON)

    def test_a_pack_without_the_house_s_roles_is_not_loaded(self, make_person, tmp_path: Path) -> None:
        make_person("health", Role.LIAISON)
        with pytest.raises(UserError, match="缺角色 school"):
            load(tmp_path, school="")


@pytest.mark.django_db
class TestOnlyWhereItIsHeld:
    def both(self, make_person):
        """Liaison of health here, office of the neighbouring county."""
        who = make_person("health", Role.LIAISON, "both")
        there = Organisation.objects.get(pk="other.committee_office")
        api.grant(audit.SYSTEM, who, Role.COMMITTEE_OFFICE, on=ON, unit=there)
        return Reach(who)

    def test_a_role_counts_over_its_own_units_and_areas(self, make_person) -> None:
        can = self.both(make_person)
        here, there = Organisation.objects.get(pk="health"), Organisation.objects.get(pk="other.health")
        assert can.holds({Role.LIAISON}, over=here)
        assert not can.holds({Role.LIAISON}, over=there)
        assert can.holds({Role.COMMITTEE_OFFICE}, over=there)
        assert not can.holds({Role.COMMITTEE_OFFICE}, over=here)
        assert can.holds(COUNTY_WIDE, over="141030")
        assert not can.holds(COUNTY_WIDE, over="141029100")
        assert not can.holds(COUNTY_WIDE, over=None)
        assert not can.has({Role.COMMITTEE_OFFICE})
        assert can.has(WORKING)

    def test_rows_and_small_counts(self, make_person, pack) -> None:
        can, fact = self.both(make_person), next(f for f in pack.facts.values() if f.grain == "child")
        office = Reach(make_person("committee_office", Role.COMMITTEE_OFFICE))
        supervisor = Reach(make_person("township.141029100", Role.SUPERVISOR))
        school = Reach(make_person("education", Role.SCHOOL))
        columns = tuple(fact.columns)
        for reach, few in ((can, True), (office, False), (supervisor, True)):
            seen = exposure.shown(reach, fact, columns, exposure.SMALL - 1, area="141029100")
            assert seen.few is few
            assert not set(seen.columns) & set(fact.key)
            secret = {c for c in columns if fact.columns[c].sensitivity in ("敏感", "核心")}
            assert not set(seen.columns) & secret
            assert set(seen.columns) >= set(columns) - secret - set(fact.key)
        assert not exposure.shown(can, fact, columns, exposure.SMALL, area="141029100").few
        asked = [(can, ["health"]), (can, ["education"]), (office, []), (supervisor, []), (school, ["health"])]
        may = [exposure.may_see_rows(r, "141029100", owners) for r, owners in asked]
        assert may == [True, False, True, True, False]
        assert not exposure.may_see_rows(supervisor, "141029200", [])


@pytest.mark.django_db
class TestTheWayIntoANewSite:
    def test_three_people_with_passwords_to_change_and_never_again(self, directory) -> None:
        made = first_administrators("committee_office")
        assert [a.username for a in made] == ["system-admin", "security-admin", "audit-admin"]
        people = {p.username: p for p in Person.objects.all()}
        assert all(
            p.must_change_password and check_password(a.password, p.password)
            for a in made
            for p in [people[a.username]]
        )
        assert [sorted(Reach(people[a.username]).roles) for a in made] == [[r] for r in ADMINISTRATORS]
        here = Organisation.objects.get(pk="health")
        assert all(Reach(people[a.username]).holds(ADMINISTRATORS, over=here) for a in made)
        told = Event.objects.filter(action__in=["directory.person.make", "directory.person.grant"], actor="system")
        assert told.count() == 6
        with pytest.raises(UserError, match="已经有过管理员"):
            first_administrators("committee_office")
        assert Person.objects.count() == 3

    def test_an_unknown_unit_makes_nobody(self, directory) -> None:
        with pytest.raises(UserError, match="没有单位「nowhere」"):
            first_administrators("nowhere")
        assert not Person.objects.exists()

    def test_a_site_without_units_says_to_start_it_first(self, db) -> None:
        with pytest.raises(UserError, match="先启动一次站点"):
            first_administrators("committee_office")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "own", "others"),
    [
        ("police_officer", "public_security", ("procuratorate", "court", "justice", "health")),
        ("juvenile_prosecutor", "procuratorate", ("public_security", "court", "justice", "health")),
        ("juvenile_judge", "court", ("public_security", "procuratorate", "justice", "health")),
        ("justice_officer", "justice", ("public_security", "procuratorate", "court", "health")),
    ],
)
def test_a_role_of_the_law_is_given_at_its_own_organ_alone(make_person, role: str, own: str, others) -> None:
    for unit in others:
        with pytest.raises(UserError, match="这个角色只给"):
            api.grant(audit.SYSTEM, make_person(unit, Role.LIAISON), role, on=ON)
    api.grant(audit.SYSTEM, make_person(own, Role.LIAISON), role, on=ON)


def test_every_role_has_a_seat_for_a_made_up_person_and_no_seat_is_one_that_may_not_hold_it(
    tmp_path: Path,
) -> None:
    from qingmiao.demo.scenario import ScenarioError
    from qingmiao.site.demo.accounts import seats_of

    pack = load_pack(CONTENT / "xiangning")
    seats = seats_of(pack)
    assert set(seats) == set(pack.roles)
    assert all(fits(pack.organisations[u].kind, pack.roles[r].held_by) for r, u in seats.items())
    assert (seats["class_teacher"], seats["police_officer"]) == ("education", "public_security")
    for name in ("china", "xiangning"):
        shutil.copytree(CONTENT / name, tmp_path / name)
    told = tmp_path / "xiangning" / "demo" / "people.yaml"
    for wrong in ("people: {juvenile_judge: procuratorate}\n", "people: {juvenile_juge: court}\n"):
        told.write_text(wrong, "utf-8")
        with pytest.raises(ScenarioError, match="juvenile_ju"):
            seats_of(load_pack(tmp_path / "xiangning"))

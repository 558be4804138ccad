"""A county's change is one file, seen on the site: the file is added to a copy of the pack, and people work with it."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import timezone

from qingmiao.content.check import check_path
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.models import Area, Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.inspections import api
from qingmiao.site.apps.inspections.models import Inspection, InspectionFinding
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.apps.tasks.models import Task
from qingmiao.standards import working_days
from website.inspected import posted, two_inspectors
from website.role_ids import Role

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "how-to" / "add-a-checklist.md").read_text("utf-8")
DORMITORY, DEADLINE, CASE, PAPER = re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.S)
Add = Callable[[dict[str, str]], None]


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Add:
    """Writes files into the shared pack, proves the county's pack whole, and gives it to the site."""

    def added(files: dict[str, str]) -> None:
        for name in ("china", "xiangning"):
            shutil.copytree(ROOT / "content" / name, tmp_path / name)
        for file, text in files.items():
            path = tmp_path / "china" / file
            assert not path.exists()
            path.write_text(text, "utf-8")
        pack, faults = check_path(tmp_path / "xiangning")
        assert [str(f) for f in faults] == []
        monkeypatch.setattr(site_pack, "_loaded", lambda _: pack)

    return added


def test_a_new_checklist_is_one_file_and_a_visit_is_made_by_it(add: Add, make_person: Any, browser_of: Any) -> None:
    """The guide's own file: planned, filled in, judged by its limits, ordered, re-checked; facts and tasks follow."""
    add({"checklists/dormitory.yaml": DORMITORY, "visit_papers/told.yaml": PAPER})
    people = two_inspectors(make_person)
    one, two = (browser_of(p) for p in people)
    assert "学生宿舍检查单" in one.get("/inspections/new").content.decode()
    given = {
        "checklist": "school.dormitory", "place": "演示寄宿学校", "place_kind": "junior_school", "area": "141029100",
        "responsible": "education", "on": timezone.localdate().isoformat(), "inspectors": [p.username for p in people],
    }  # fmt: skip
    address = one.post("/inspections/new", given).url
    one.post(address, {"do": "visit", "version": 1})
    page = one.get(f"{address}/fill").content.decode()
    assert all(word in page for word in ("抽查的寝室", "人均使用面积", "不低于 3 m²", "示例宿舍管理办法第四条"))
    good = yaml.safe_load(CASE)["good"]
    bad = good | {
        "dorm": [
            good["dorm"][0],
            {"dorm_name": "演示楼二层", "space": "2.9", "space_said": "床位太密", "beds": "conform"},
        ]
    }
    sent = posted(bad) | {"do": "conclude", "version": 2}
    assert one.post(f"{address}/fill", sent).url == address
    two.post(address, {"do": "confirm", "version": 3})
    two.post(address, {"do": "order", "version": 4})
    task = Task.objects.get()
    assert task.title == "整改：演示寄宿学校，演示楼二层：人均使用面积（2.9 m²，应不低于 3 m²）"
    school = browser_of(make_person("education", Role.SCHOOL, "school-answers"))
    assert task.title in school.get("/tasks/").content.decode()
    said = {"do": "answer", "version": 1, "cause": "床位没有分散安排", "countermeasure": "已经分到两间寝室"}
    assert school.post(f"/tasks/{task.pk}", said).status_code == 302
    right = list(InspectionFinding.objects.values_list("pk", flat=True).order_by("pk"))
    ended = {"do": "recheck", "version": 5, "right": right, "opinion": "现场复查，已经整改"}
    assert two.post(address, ended).status_code == 302
    task.refresh_from_db()
    assert task.state == "closed"
    (visit,) = facts.current(site_pack.pack(), "inspections").to_pylist()
    assert (visit["checklist"], visit["result"], visit["failed"], visit["rectified"]) == (
        "school.dormitory",
        "fails",
        1,
        1,
    )
    items = facts.current(site_pack.pack(), "inspection_items").to_pylist()
    assert {i["item_id"].partition(".")[2]: i["value"] for i in items if i["item"] == "space"} == {
        "space.1": 3.2, "space.2": 2.9,
    }  # fmt: skip
    printed = two.get(f"{address}/print").content.decode()
    assert all(word in printed for word in ("演示楼二层", "床位太密", "演示·生活老师"))
    assert "检查情况告知单" in two.get(address).content.decode()
    told = zipfile.ZipFile(io.BytesIO(two.get(f"{address}/papers/told.docx").content)).read("word/document.xml")
    assert all(w in told.decode() for w in ("现将对演示寄宿学校检查的情况告知如下", "要整改的", "受检单位签收"))


def test_a_new_deadline_sets_the_moment_of_a_task(add: Add, make_person: Any, browser_of: Any) -> None:
    """The guide's own deadline of five working days, named by the checklist: task, page and what is late go by it."""
    dormitory = DORMITORY.replace("major: inspection.major", "major: school.dormitory_major")
    assert dormitory != DORMITORY
    add({"checklists/dormitory.yaml": dormitory, "deadlines/dormitory.yaml": DEADLINE})
    people = two_inspectors(make_person)
    me, other = (Reach(p) for p in people)
    number = api.plan(
        me, checklist="school.dormitory", place="演示寄宿学校", place_kind="junior_school", area="141029100",
        responsible="education", on=timezone.localdate(), inspectors=[p.username for p in people],
    )  # fmt: skip
    good = yaml.safe_load(CASE)["good"]
    bad = good | {"dorm": [good["dorm"][0] | {"space": "2.5", "space_said": "床位太密"}]}
    api.move(me, number, "visit", version=1)
    assert api.conclude(me, number, version=2, answers=bad) is None
    api.move(other, number, "confirm", version=3)
    api.move(other, number, "order", version=4)
    task, today = Task.objects.get(), timezone.localdate()
    due = timezone.localtime(task.due_at)
    assert task.deadline == "school.dormitory_major"
    assert (due.hour, due.minute) == (23, 59)
    calendar = working_days.china()
    assert due.date() == calendar.working_days_after(today, 5)
    page = browser_of(people[0]).get(f"/inspections/{number}").content.decode()
    assert "宿舍重大问题整改" in page
    assert due.strftime("%Y-%m-%d %H:%M") in page
    late = timezone.make_aware(datetime.combine(due.date() + timedelta(days=1), datetime.min.time()))
    assert tasks.escalate(now=late) == 0, "it tells nobody: it has no rung"
    assert Inspection.objects.get(pk=number).state == "ordered"


def test_a_person_of_a_new_role_sees_and_does_what_it_is_like(add: Add, make_person: Any, browser_of: Any) -> None:
    """A role `like` the liaison: its holder inspects, fills and sees what a liaison does, nothing else."""
    role = "id: meals_inspector\nlabel: {zh: 食堂检查员}\nscope: own\nheld_by: [department]\nlike: [liaison]\n"
    role += "note: 本县设置\n"
    add({"roles/meals_inspector.yaml": role})
    directory.load_pack(audit.SYSTEM, site_pack.pack(), on=timezone.localdate())
    unit = Organisation.objects.get(pk="education")
    new = directory.make_person(
        audit.SYSTEM, username="meals-inspector", name="演示·检查员", unit=unit, password="made-up river 4711",
        demo=True, must_change=False,
    )  # fmt: skip
    assert browser_of(new).get("/inspections/").status_code == 404, "no role, no page"
    directory.grant(audit.SYSTEM, new, "meals_inspector", on=timezone.localdate(), area=unit.area_id)
    liaison = make_person("education", Role.LIAISON)
    pages = (
        "/inspections/",
        "/inspections/new",
        "/tasks/",
        "/surveys/",
        "/returns/",
        "/people/",
        "/audit/",
        "/surveys/new",
    )
    mine, like = browser_of(new), browser_of(liaison)
    seen = {p: (mine.get(p).status_code, like.get(p).status_code) for p in pages}
    assert {p: a for p, (a, b) in seen.items() if a != b} == {}
    assert (seen["/inspections/new"][0], seen["/people/"][0]) == (200, 404)
    assert new.username in {name for name, _ in api.offer(Reach(new), "school.meals").people}
    number = api.plan(
        Reach(new), checklist="school.meals", place="演示食堂", place_kind="kindergarten", area="141029100",
        responsible="education", on=timezone.localdate(), inspectors=[new.username, liaison.username],
    )  # fmt: skip
    mine.post(f"/inspections/{number}", {"do": "visit", "version": 1})
    assert Inspection.objects.get(pk=number).state == "visiting"
    assert Area.objects.filter(is_site=True).exists()

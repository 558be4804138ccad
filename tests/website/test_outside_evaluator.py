"""A commissioned evaluator: takes a package in which nobody can be told, draws a sample that anybody can draw again,
gives an opinion, and sees nothing else."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from django.utils import timezone

from qingmiao.cli.draw import draw_command
from qingmiao.disclosure import RULE
from qingmiao.kernel.drawing import read_record, verify
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api, packages
from qingmiao.site.apps.acting.models import Activity, DocumentFile
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from website.acted import an_opinion
from website.measured import a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db
EVALUATOR = Role.THIRD_PARTY_EVALUATOR
YEAR = 2023
LONE = "演示-只此一人"


def roll(extra: int = 0) -> pa.Table:
    """Made-up children: 12 of each of two townships and sexes, one girl alone in her township, some twice."""
    rows = [
        {
            "child_id": f"演示-{t}-{s}-{n}", "_area_township": f"14102910{t}", "sex": s, "age_group": "3-6岁",
            "registration": "local", "insured": n > 0, "systematic": n % 2 == 0, "disability_screened": None,
        }
        for t in (0, 1) for s in ("F", "M") for n in range(12 + extra)
    ]  # fmt: skip
    rows.append({**rows[0], "child_id": LONE, "_area_township": "141029204", "age_group": "15-17岁"})
    rows.append({**rows[0], "insured": True})  # a later row of the same child
    return pa.Table.from_pylist(rows)


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> dict[str, pa.Table]:
    """What a run saw of the roll of children; of the other tables nothing."""
    found = {"children": roll()}
    real = packages.monitoring.rows_of_year
    assert real(packages.monitoring.of_run(a_run().pk), "children", YEAR).num_rows == 0
    monkeypatch.setattr(packages.monitoring, "rows_of_year", lambda run, name, year: found.get(name, pa.table({})))
    return found


def asked(who: Any, unit: str = "third_party", until: date | None = None) -> Activity:
    """A package that the office asks for."""
    until = until or timezone.localdate() + timedelta(days=90)
    return api.record(
        who, kind="evaluation_package", year=2024, on_date=date(2024, 3, 20), title="终期评估数据包",
        unit=Organisation.objects.get(pk=unit), text="按委托协议用于终期评估，不得辨认任何人。",
        answers={"data_year": str(YEAR), "until": until.isoformat(), "agreement": "演示协议", "deletes": "是"},
    )  # fmt: skip


@pytest.fixture
def office(make_person: Any) -> tuple[Any, Any]:
    return tuple(make_person("committee_office", Role.COMMITTEE_OFFICE, f"office-{n}") for n in (1, 2))


@pytest.fixture
def evaluator(make_person: Any) -> Any:
    return make_person("third_party", EVALUATOR)


def released(office: tuple[Any, Any], **given: Any) -> Activity:
    made = asked(office[0], **given)
    api.move_activity(office[1], made, "release", version=1, said={"opinion": "同意交付评估机构"})
    return Activity.objects.get(pk=made.pk)


def unpacked(document: Activity) -> dict[str, str]:
    path = packages.files.hand(packages.files.MADE, DocumentFile.objects.get(activity=document).sha256, "x.zip").path
    with zipfile.ZipFile(path) as whole:
        return {name: whole.read(name).decode("utf-8-sig") for name in whole.namelist()}


def test_the_package_tells_nobody_apart_and_names_nobody(rows: Any, office: Any, evaluator: Any) -> None:
    """One row a child, in classes of eight and more; no number, birth date or code of the roll is in any file; the girl
    who is alone is not there; the manifest and the trail say how many were left out."""
    document = released(office)
    files = unpacked(document)
    assert set(files) == {"children.csv", "manifest.json", "说明.txt"}
    whole = "\n".join(files.values())
    assert "演示-" not in whole
    assert LONE not in whole
    table = list(csv.DictReader(io.StringIO(files["children.csv"])))
    assert len(table) == 48
    alike = Counter((r["township"], r["age_group"], r["sex"]) for r in table)
    assert min(alike.values()) > RULE.small
    assert len({r["row"] for r in table}) == 48
    manifest = json.loads(files["manifest.json"])
    told = manifest["tables"]["children"]
    assert (told["given"], told["rows"], told["dropped"], manifest["rule"]["fewest_alike"]) == (49, 48, 1, 8)
    detail = Event.objects.get(action="acting.activity.release").detail
    assert detail["rows"] == {"children": {"rows": 48, "dropped": 1}}
    assert "演示数据" in files["说明.txt"]


def test_of_two_rows_of_a_child_the_last_is_given(rows: Any, office: Any, evaluator: Any) -> None:
    """The child that was not insured in its first row is in its last; the three others of its kind are not."""
    table = csv.DictReader(io.StringIO(unpacked(released(office))["children.csv"]))
    assert Counter(r["insured"] for r in table) == {"1": 45, "0": 3}


def test_a_second_package_of_the_year_is_of_the_same_run_under_other_names(
    rows: Any, office: Any, evaluator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that no two packages can be subtracted: it asks for the first run and never for the newest."""
    first = released(office)
    runs: list[int] = []
    given = packages.monitoring.rows_of_year

    def watched(run: Any, name: str, year: int) -> pa.Table:
        runs.append(run.run.number)
        return given(run, name, year)

    monkeypatch.setattr(packages.monitoring, "rows_of_year", watched)
    monkeypatch.setattr(packages.monitoring, "current", lambda: pytest.fail("asked for the newest run"))
    second = released(office)
    assert first.figures is not None
    assert set(runs) == {first.figures["run"]}
    names = [{r["row"] for r in csv.DictReader(io.StringIO(unpacked(d)["children.csv"]))} for d in (first, second)]
    assert not names[0] & names[1]


def test_two_people_of_the_office_and_only_to_a_unit_from_outside(rows: Any, office: Any, evaluator: Any) -> None:
    """Who asks does not approve; a department is no evaluator; nothing is made of a year without rows."""
    made = asked(office[0])
    with pytest.raises(UserError, match="应由另一个人办理"):
        api.move_activity(office[0], made, "release", version=1, said={"opinion": "同意交付评估机构"})
    with pytest.raises(UserError, match="没有外部人员的账号"):
        released(office, unit="health")
    rows["children"] = pa.table({})
    with pytest.raises(UserError, match="没有可以做成数据包的行"):
        api.move_activity(office[1], made, "release", version=1, said={"opinion": "同意交付评估机构"})
    assert not DocumentFile.objects.exists()


def test_it_is_there_from_release_to_its_day_and_gone_when_taken_back(
    rows: Any, office: Any, evaluator: Any, browser_of: Any, make_person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before release, after its day and taken back the evaluator finds nothing; no other official takes the file."""
    here = browser_of(evaluator)
    made = asked(office[0], until=timezone.localdate())
    address = f"/duties/evaluation_package/{made.pk}"
    assert here.get(address).status_code == 404
    api.move_activity(office[1], made, "release", version=1, said={"opinion": "同意交付评估机构"})
    file = f"/documents/evidence/{DocumentFile.objects.get(activity=made).pk}"
    assert here.get(address).status_code == 200
    assert here.get(file).headers["Content-Type"] == "application/zip"
    listed = here.get("/duties/commissioned?year=2024").content.decode()
    assert address in listed
    assert '"/duties/"' not in listed
    assert here.get("/").url == "/duties/commissioned"
    seen = Event.objects.filter(action="acting.evidence.see").order_by("pk").last()
    assert seen is not None
    assert seen.actor == evaluator.username
    for role in (Role.STATISTICS, Role.AUDITOR, Role.EVALUATION_MEMBER):
        other = browser_of(make_person("statistics" if role is Role.STATISTICS else "committee_office", role))
        assert (other.get(address).status_code, other.get(file).status_code) == (404, 404), role
    tomorrow = timezone.localdate() + timedelta(days=1)
    with monkeypatch.context() as later:
        later.setattr("qingmiao.site.apps.acting.outside.timezone.localdate", lambda *_: tomorrow)
        assert (here.get(address).status_code, here.get(file).status_code) == (404, 404)
    assert here.get(file).status_code == 200
    api.move_activity(
        office[0], Activity.objects.get(pk=made.pk), "take_back", version=2, said={"opinion": "对方已经删除数据"}
    )
    assert (here.get(address).status_code, here.get(file).status_code) == (404, 404)
    assert browser_of(office[0]).get(file).status_code == 200


def sample(who: Any, number: int, **given: str) -> Activity:
    answers = {"package": str(number), "table": "children", "wanted": "5", "seed": "三月二十五日当场定", **given}
    return api.record(
        who, kind="evaluation_sample", year=2024, on_date=date(2024, 3, 25), unit=who.organisation, title="抽查五行",
        text="核对参保和系统管理的登记。", answers=answers,
    )  # fmt: skip


def test_the_sample_is_drawn_from_the_package_and_anybody_draws_it_again(
    rows: Any, office: Any, evaluator: Any, browser_of: Any, tmp_path: Path
) -> None:
    """Five of the package's own rows; the record is proved by the command, and found out when one line is changed."""
    document = released(office)
    made = sample(evaluator, document.pk)
    api.move_activity(evaluator, made, "draw", version=1)
    kept = DocumentFile.objects.get(activity=made)
    answer = browser_of(evaluator).get(f"/documents/evidence/{kept.pk}")
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    record = read_record(text)
    named = {r["row"] for r in csv.DictReader(io.StringIO(unpacked(document)["children.csv"]))}
    assert len(record.drawn) == 5
    assert {d.place.name for d in record.drawn} <= named == {p.name for p in record.places}
    assert verify(record) == ()
    path = tmp_path / "record.json"
    path.write_text(text, "utf-8")
    assert CliRunner().invoke(draw_command, ["--verify", str(path)]).exit_code == 0
    path.write_text(text.replace("三月二十五日当场定", "另一个种子"), "utf-8")
    assert CliRunner().invoke(draw_command, ["--verify", str(path)]).exit_code == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"package": "999999"}, "没有交给本单位"),
        ({"table": "enrolments"}, "没有表“enrolments”"),
        ({"wanted": "49"}, "有 48 行"),
    ],
)
def test_a_sample_that_cannot_be_drawn_is_refused_in_words(
    rows: Any, office: Any, evaluator: Any, given: dict[str, str], told: str
) -> None:
    """Of a package that is not theirs, of a table that is not there, of more rows than there are."""
    made = sample(evaluator, released(office).pk, **given)
    with pytest.raises(UserError, match=told):
        api.move_activity(evaluator, made, "draw", version=1)
    assert Activity.objects.get(pk=made.pk).state == "planned"


def test_the_opinion_goes_into_the_evaluation_and_stays(evaluator: Any, office: Any, make_person: Any) -> None:
    """Given it is rewritten by nobody; the office takes it and says how."""
    made = an_opinion(make_person)
    who = made.made_by
    api.move_activity(who, made, "give", version=1)
    with pytest.raises(UserError, match="不能改写"):
        api.rewrite(who, Activity.objects.get(pk=made.pk), version=2, title="改过的", text="改过的总的评价，一共两句。")
    api.move_activity(office[0], Activity.objects.get(pk=made.pk), "take", version=2, said={"opinion": "写进第六部分"})
    assert Activity.objects.get(pk=made.pk).state == "taken"


def test_documents_about_the_unit_are_not_its_own(evaluator: Any, office: Any, browser_of: Any) -> None:
    """What the office writes about the evaluator's unit is not shown to it, nor in the list of what it records."""
    found = api.record(
        office[0], kind="evaluation_finding", year=2024, on_date=date(2024, 4, 1), title="委托进度",
        unit=Organisation.objects.get(pk="third_party"), text="评估机构进场较晚，已经催办。",
        answers={"stage": "final", "cause": "合同较晚", "measure": "催办", "next_plan": "否"},
    )  # fmt: skip
    assert api.decisions_of(Reach(evaluator), found.pk) is None
    assert browser_of(evaluator).get(f"/duties/evaluation_finding/{found.pk}").status_code == 404

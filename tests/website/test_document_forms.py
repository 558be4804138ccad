"""A kind of document that names a form: what is filled in is judged, kept and shown by the version it was filled by."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qingmiao.content.check import check_path
from qingmiao.kernel.errors import UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.acting import api
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.apps.audit.models import Event
from website.acted import PDF
from website.role_ids import Role

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
KIND = """\
id: bell_check
label: {zh: 铃声检查, en: Bell checks}
recorded_by: [liaison]
text: {zh: 听到什么, en: what was heard}
form: record.bells
flow:
  states: {heard: {label: {zh: 已听}}, closed: {label: {zh: 已了结}, final: true}}
  steps:
    - {do: rewrite, label: {zh: 改写}, from: heard, to: heard, relations: [self]}
    - {do: prove, label: {zh: 上传材料}, from: heard, to: heard, relations: [self]}
    - {do: close, label: {zh: 了结}, from: heard, to: closed, roles: [committee_office]}
"""
FORM = """\
id: record.bells
version: 1
label: {zh: 铃声记录}
purpose: record
source: {document: 测试用例}
fields:
  - {id: bells, label: {zh: 铃的个数}, type: integer, unit: 口, min: 1, max: 9}
  - {id: dumb, label: {zh: 不响的个数}, type: integer, min: 0}
  - {id: why, label: {zh: 为什么不响}, type: text, show_if: dumb > 0}
  - {id: share, label: {zh: 响的比例}, type: computed, compute: (bells - dumb) / bells * 100, decimals: 0, unit: '%'}
  - {id: listener, label: {zh: 听铃人的电话}, type: text, sensitivity: 敏感, required: false}
checks:
  - {id: within, check: dumb <= bells, message: {zh: 不响的不能多于铃的个数}}
  - {id: all_dumb, level: query, check: dumb < bells, message: {zh: 没有一口铃是响的，请核对}}
"""
GIVEN: dict[str, Any] = {
    "year": 2024, "title": "第一次检查", "on_date": "2024-06-12", "unit": "health", "text": "铃声很轻，听不清楚。",
}  # fmt: skip


@pytest.fixture
def county(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Gives the site the county's pack with the kind, and with a text of its form."""
    for name in ("china", "xiangning"):
        shutil.copytree(ROOT / "content" / name, tmp_path / name)
    (tmp_path / "china" / "documents" / "bell_check.yaml").write_text(KIND, "utf-8")

    def has(form: str) -> None:
        (tmp_path / "china" / "forms" / "record.bells.yaml").write_text(form, "utf-8")
        pack, faults = check_path(tmp_path / "xiangning")
        assert [str(f) for f in faults] == []
        monkeypatch.setattr(site_pack, "_loaded", lambda _: pack)

    has(FORM)
    return has


def refused(page: Any, word: str) -> bool:
    return page.status_code == 400 and word in page.content.decode() and not Activity.objects.exists()


def test_it_is_judged_kept_shown_and_rewritten_by_the_version_it_was_filled_by(
    county: Any, make_person: Any, browser_of: Any
) -> None:
    """Nothing is stored while something is wrong, what was typed stays on the page; later versions do not touch it."""
    client = browser_of(make_person("health", Role.LIAISON))
    page = client.get("/duties/bell_check/?year=2024").content.decode()
    assert all(word in page for word in ("铃的个数", 'name="bells"', "form.js", "响的比例"))
    assert refused(client.post("/duties/bell_check/", GIVEN), "请填写「铃的个数」")
    wrong = client.post("/duties/bell_check/", GIVEN | {"bells": "4", "dumb": "5", "why": "锈住了"})
    assert refused(wrong, "不响的不能多于铃的个数")
    assert all(word in wrong.content.decode() for word in ('value="锈住了"', 'value="第一次检查"', "铃声很轻"))
    silent = GIVEN | {"bells": "4", "dumb": "4", "why": "锈住了", "listener": "演示电话"}
    assert refused(client.post("/duties/bell_check/", silent), "没有一口铃是响的")
    where = client.post("/duties/bell_check/", silent | {"explain.all_dumb": "全部待修"}).url
    kept = Activity.objects.get()
    assert (kept.answers["bells"], kept.explanations) == (4, {"all_dumb": "全部待修"})
    assert ((kept.frozen or {})["form"]["version"], kept.filled_date is not None) == (1, True)
    county(FORM.replace("version: 1", "version: 2").replace("铃的个数}", "大铃的个数}").replace("max: 9", "max: 3"))
    page = client.get(where).content.decode()
    assert all(word in page for word in ("<dt>铃的个数</dt>", "4 口", "锈住了", "0 %"))
    assert "大铃" not in page
    assert "大铃的个数" in client.get("/duties/bell_check/").content.decode()
    new = GIVEN | {"do": "rewrite", "version": 1, "bells": "4", "dumb": "1", "why": "绳子断了"}
    assert client.post(where, new | {"bells": "10"}).status_code == 400
    assert client.post(where, new).status_code == 302
    kept.refresh_from_db()
    assert (kept.answers["dumb"], kept.explanations, kept.version) == (1, {}, 2)
    told = Event.objects.get(action="acting.activity.rewrite").detail["answers"]
    assert (told["why"], "listener" in told) == ("绳子断了", False)
    assert client.post(where, new).status_code == 409
    page = client.get(where).content.decode()
    assert all(word in page for word in ("绳子断了", "75 %"))


def test_what_only_some_may_read_is_not_in_the_trail(county: Any, make_person: Any, browser_of: Any) -> None:
    client = browser_of(make_person("health", Role.LIAISON))
    where = client.post("/duties/bell_check/", GIVEN | {"bells": "4", "dumb": "0", "listener": "演示电话"}).url
    new = GIVEN | {"do": "rewrite", "version": 1, "bells": "4", "dumb": "0", "listener": "演示新电话"}
    assert client.post(where, new).status_code == 302
    assert Activity.objects.get().answers["listener"] == "演示新电话"
    details = [str(e.detail) for e in Event.objects.filter(object_type="activity").order_by("pk")]
    assert len(details) == 2
    assert not any("电话" in d for d in details)


def test_a_file_that_is_added_keeps_what_is_typed_in_the_form(county: Any, make_person: Any, browser_of: Any) -> None:
    client = browser_of(make_person("health", Role.LIAISON))
    where = client.post("/duties/bell_check/", GIVEN | {"bells": "4", "dumb": "0"}).url
    sent = GIVEN | {"do": "evidence", "version": 1, "bells": "4", "dumb": "2", "why": "正在写的原因"}
    page = client.post(where, sent | {"file": SimpleUploadedFile("铃.pdf", PDF)})
    assert (page.status_code, 'value="正在写的原因"' in page.content.decode()) == (200, True)
    assert Activity.objects.get().answers["dumb"] == 0
    unchanged = sent | {"dumb": "0", "why": "", "file": SimpleUploadedFile("钟.pdf", PDF + b" ")}
    assert client.post(where, unchanged).status_code == 302


def test_pages_of_a_list_follow_each_other_newest_first(make_person: Any, browser_of: Any, monkeypatch: Any) -> None:
    """Three pages of two leave nothing out, also where days are equal; a mark that no page has given is no page."""
    from qingmiao.site.web.console.acting import activities

    who = make_person("health", Role.LIAISON)
    days = (date(2024, 1, 5), date(2024, 1, 9), date(2024, 1, 9), date(2024, 1, 9), date(2024, 1, 2))
    made = [
        api.record(
            who, kind="work_plan", year=2024, on_date=day, unit=who.organisation, title=f"计划{n}", text="全年安排。"
        )
        for n, day in enumerate(days)
    ]
    monkeypatch.setattr(activities, "PAGE", 2)
    client, seen, after = browser_of(who), [], ""
    for _ in range(3):
        page = client.get(f"/duties/work_plan/?year=2024&after={after}").content.decode()
        seen += [int(n) for n in re.findall(r'href="/duties/work_plan/(\d+)[?"]', page)]
        following = re.search(r"after=([^\"&]+)\">下一页", page)
        if following is None:
            break
        after = following.group(1)
    assert seen == [made[n].pk for n in (3, 2, 1, 0, 4)]
    for wrong in ("x", "2024-01-09", "2024-13-09_1", "_1", "1710741600000000_x"):
        assert client.get(f"/duties/work_plan/?year=2024&after={wrong}").status_code == 404


def test_a_document_without_a_form_takes_no_answers(make_person: Any) -> None:
    who = make_person("health", Role.LIAISON)
    given: dict[str, Any] = {"year": 2024, "on_date": date(2024, 1, 20), "unit": who.organisation, "title": "年度计划"}
    with pytest.raises(UserError, match="没有表单"):
        api.record(who, kind="work_plan", text="全年工作安排如下。", answers={"bells": "1"}, **given)
    plan = api.record(who, kind="work_plan", text="全年工作安排如下。", **given)
    assert (plan.frozen, plan.answers, api.lines_of(plan)) == (None, {}, [])


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("purpose: record", "purpose: evidence", "文书用记录表"),
        ("purpose: record", "purpose: record\nfact: growth_checks", "文书的内容不进事实表"),
        (
            "id: why, label: {zh: 为什么不响}, type: text",
            "id: title, label: {zh: 为什么不响}, type: text",
            "自带的项目重名",
        ),
        ("type: text, sensitivity", "type: photo, sensitivity", "佐证材料"),
        ("id: record.bells", "id: record.bell", "「record.bells」不存在"),
    ],
)
def test_a_form_that_no_document_can_hold_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, word: str
) -> None:
    for name in ("china", "xiangning"):
        shutil.copytree(ROOT / "content" / name, tmp_path / name)
    assert old in FORM
    (tmp_path / "china" / "documents" / "bell_check.yaml").write_text(KIND, "utf-8")
    (tmp_path / "china" / "forms" / "record.bells.yaml").write_text(FORM.replace(old, new, 1), "utf-8")
    faults = [f for f in check_path(tmp_path / "xiangning")[1] if f.file.endswith("bell_check.yaml")]
    assert [(f.line, bool(re.search(word, f.message)), bool(f.hint)) for f in faults] == [(5, True, True)], faults

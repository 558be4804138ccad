"""Every report layout of the pack on the publishing page: started by its label, written, approved and downloaded."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.db import IntegrityError, transaction

from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.monitoring import state
from qingmiao.site.apps.publishing import api, making
from qingmiao.site.apps.publishing.models import Edition
from website.conftest import ROOT
from website.measured import a_run
from website.published import an_edition
from website.role_ids import Role

pytestmark = pytest.mark.django_db

CARD = """id: card
label: {zh: 监测卡片/试, en: Card}
title: {zh: "{plan}{year}年卡片", en: "Card of {plan}, {year}"}
contents: false
index_name: 附录
blocks:
  - section: 一句话
    blocks:
      - paragraph:
          zh: "{year}年{count.all}项目标中达标{count.met}项。"
          en: "Of {count.all} targets {count.met} were met in {year}."
      - written: 由编写单位填写。
  - section: 附录　数字索引
    numbered: false
    blocks:
      - element: numbers
"""


@pytest.fixture
def office(make_person):
    return make_person("committee_office", Role.COMMITTEE_OFFICE)


@pytest.fixture
def second(make_person):
    return make_person("statistics", Role.STATISTICS)


@pytest.fixture
def with_card(tmp_path: Path, settings, monkeypatch) -> Path:
    """The county's pack with one more file: a layout."""
    for name in ("china", "xiangning"):
        shutil.copytree(ROOT / "content" / name, tmp_path / name, ignore=shutil.ignore_patterns("tests"))
    card = tmp_path / "xiangning" / "reports" / "card.yaml"
    card.parent.mkdir(exist_ok=True)
    card.write_text(CARD, "utf-8")
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, pack=tmp_path / "xiangning")
    monkeypatch.setattr(state, "_states", {})
    return card


def started(answer) -> Edition:
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return Edition.objects.get(pk=int(answer.url.split("/")[-1]))


def moved(client, edition: Edition, step: str) -> Edition:
    version = Edition.objects.get(pk=edition.pk).version
    client.post(f"/reports/{edition.pk}/move", {"do": step, "version": version})
    return Edition.objects.get(pk=edition.pk)


def released(writer, approver, edition: Edition) -> Edition:
    making.make(edition.pk)
    assert moved(writer, edition, "submit").state == "preparing"
    making.prepare(edition.pk)
    assert moved(writer, edition, "approve").state == "review"  # four eyes hold for every layout
    done = moved(approver, edition, "approve")
    assert done.state == "released"
    return done


def test_a_new_layout_of_the_pack_goes_from_the_form_to_the_file(with_card, office, second, browser_of):
    a_run()
    writer, approver = browser_of(office), browser_of(second)
    page = writer.get("/reports/").content.decode()
    assert re.findall(r'<option value="(\w+)"( selected)?>([^<]+)', page)[:5] == [
        ("annual", " selected", "年度监测报告"),
        ("brief", "", "监测专报"),
        ("evaluation", "", "评估报告"),
        ("field", "", "单领域监测报告"),
        ("card", "", "监测卡片/试"),
    ]
    edition = released(writer, approver, started(writer.post("/reports/", {"year": "2023", "layout": "card"})))
    assert sorted(about["name"] for about in edition.files.values()) == [
        "监测卡片_试-附件.docx", "监测卡片_试-附件.html", "监测卡片_试-附件.pdf",
        "监测卡片_试.docx", "监测卡片_试.html", "监测卡片_试.pdf",
    ]  # fmt: skip
    annex = writer.get(f"/reports/{edition.pk}/files/annex.html")
    assert "2023年监测卡片_试-附件-第1版-已发布.html" in unquote(annex["Content-Disposition"])
    assert "分子 / 分母" in b"".join(annex.streaming_content).decode()
    shown = writer.get(f"/reports/{edition.pk}").content.decode()
    assert re.search(r'files/docx">\s*DOCX', shown)
    assert re.search(r'files/annex\.pdf">\s*附件：数字索引\s+PDF', shown)
    got = writer.get(f"/reports/{edition.pk}/files/html")
    assert "2023年监测卡片_试-第1版-已发布.html" in unquote(got["Content-Disposition"])
    text = b"".join(got.streaming_content).decode()
    assert "2023年卡片" in text
    assert "一句话" in text
    assert "进度与可能性" not in text  # nothing of the annual report
    for where in ("/reports/", f"/reports/{edition.pk}", f"/reports/{edition.pk}/prose"):
        assert "监测卡片/试" in re.sub(r"<select.*?</select>", "", writer.get(where).content.decode(), flags=re.S)
    assert Event.objects.get(action="publishing.start").detail["layout"] == "card"


def test_an_edition_in_english_is_written_named_and_numbered_for_itself(with_card, office, browser_of):
    """Text, paragraphs to edit, files and the names under which they are saved; the Chinese one of the year is
    another."""
    a_run()
    client = browser_of(office)
    assert re.findall(r'<option value="(zh|en)"( selected)?>([^<]+)', client.get("/reports/").content.decode()) == [
        ("zh", " selected", "中文"),
        ("en", "", "英文"),
    ]
    asked = {"year": "2023", "layout": "card"}
    chinese = started(client.post("/reports/", asked))
    edition = started(client.post("/reports/", asked | {"language": "en"}))  # while the Chinese one is made
    assert [(e.language, e.number) for e in (chinese, edition)] == [("zh", 1), ("en", 1)]
    making.make(edition.pk)
    edition.refresh_from_db()
    assert edition.files["docx"]["name"] == "Card.docx"
    assert "Card-annex.pdf" in [about["name"] for about in edition.files.values()]
    saved = client.get(f"/reports/{edition.pk}/files/html")
    assert "Card 2023 - edition 1 - draft.html" in unquote(saved["Content-Disposition"])
    text = b"".join(saved.streaming_content).decode()
    assert "Card of " in text
    assert "targets" in text
    assert "项目标中达标" not in text
    for where in ("/reports/", f"/reports/{edition.pk}", f"/reports/{edition.pk}/prose"):
        assert "监测卡片/试（英文）" in client.get(where).content.decode()
    assert re.search(r"文字\s+英文", client.get(f"/reports/{edition.pk}").content.decode())
    paragraph, written = api.paragraphs(edition)
    assert paragraph.shown.startswith("Of ")
    fact = "210 new places. (Source: report of the bureau)"
    changed = {"version": edition.version, "index": written.index, "text": fact}
    assert client.post(f"/reports/{edition.pk}/prose", changed).status_code == 302
    edition.refresh_from_db()
    signed = f"210 new places. (Source: report of the bureau; entered by {office.name})"
    assert api.paragraphs(edition)[1].shown == signed
    assert Event.objects.filter(action="publishing.start", detail__language="en").count() == 1


def test_a_report_on_one_field_is_about_that_field_and_says_so(office, second, browser_of, pack):
    a_run()
    field, other = pack.fields[0], pack.fields[1]
    writer = browser_of(office)
    assert f'<option value="{field.id}">{field.label.zh}</option>' in writer.get("/reports/").content.decode()
    edition = started(writer.post("/reports/", {"year": "2023", "layout": "field", "field": field.id}))
    edition = released(writer, browser_of(second), edition)
    named = f"单领域监测报告（{field.label.zh}）"
    assert {about["name"].rpartition(".")[0] for about in edition.files.values()} == {named, f"{named}-附件"}
    text = api.file(edition, "html").read_text("utf-8")
    assert f"“{field.label.zh}”领域2023年度监测报告" in text
    assert f"“{other.label.zh}”领域" not in text
    assert named in writer.get(f"/reports/{edition.pk}").content.decode()


@pytest.mark.parametrize(
    ("layout", "field", "why"),
    [
        ("nothing", "", "没有报告「nothing」；可用：annual（年度监测报告）"),
        ("", "", "没有报告「」"),
        ("field", "", "要指定一个领域；可用："),
        ("field", "nowhere", "没有领域「nowhere」"),
        ("annual", "{first}", "年度监测报告写整个规划，不能指定领域"),
        ("brief", "{first}", "监测专报写整个规划，不能指定领域"),
    ],
)
def test_what_the_pack_does_not_have_is_refused_and_what_was_chosen_stays(office, browser_of, pack, layout, field, why):
    a_run()
    field = field.format(first=pack.fields[0].id)
    answer = browser_of(office).post("/reports/", {"year": "2022", "layout": layout, "field": field})
    page = answer.content.decode()
    assert (answer.status_code, Edition.objects.count()) == (400, 0)
    assert why in page
    assert "<option selected>2022</option>" in page
    for kept in {layout, field} - {"", "nothing", "nowhere"}:
        assert f'<option value="{kept}" selected>' in page


def test_a_language_that_no_report_is_written_in_is_refused(office, browser_of):
    a_run()
    answer = browser_of(office).post("/reports/", {"year": "2023", "language": "fr"})
    assert (answer.status_code, Edition.objects.count()) == (400, 0)
    assert "报告没有语言“fr”；可用：zh（中文）、en（英文）" in answer.content.decode()


def test_each_report_of_a_year_is_numbered_for_itself_and_made_beside_the_others(office, pack):
    a_run()
    first, second = pack.fields[0].id, pack.fields[1].id
    asked = [("annual", ""), ("brief", ""), ("field", first), ("field", second)]
    made = [api.start(office, year=2023, layout=layout, field=field) for layout, field in asked]
    assert [e.number for e in made] == [1, 1, 1, 1]
    with pytest.raises(api.ConflictError, match=f"单领域监测报告（{pack.fields[0].label.zh}）正在生成"):
        api.start(office, year=2023, layout="field", field=first)
    making.gave_up(made[2].pk, "演示")
    assert api.start(office, year=2023, layout="field", field=first).number == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(layout="field", field=first, number=2).update(number=1)


def test_without_a_choice_it_is_the_annual_report(office, browser_of):
    a_run()
    edition = started(browser_of(office).post("/reports/", {"year": "2023"}))
    assert (edition.layout, edition.field) == ("annual", "")


def test_an_edition_whose_layout_the_pack_no_longer_has_is_still_listed_and_given_out(office, make_person, browser_of):
    """Nothing that was released is lost; its prose says why it cannot be read from the pack."""
    edition = an_edition(make_person)
    Edition.objects.filter(pk=edition.pk).update(layout="gone", field="away")
    client = browser_of(office)
    for where in ("/reports/", f"/reports/{edition.pk}"):
        assert "gone（away）" in client.get(where).content.decode()
    answer = client.get(f"/reports/{edition.pk}/prose")
    assert "没有报告「gone」" in answer.content.decode()
    client.post(f"/reports/{edition.pk}/move", {"do": "submit", "version": 1})
    assert Edition.objects.get(pk=edition.pk).state == "draft"


def test_a_department_starts_no_report_of_any_layout(make_person, browser_of):
    a_run()
    client = browser_of(make_person("health", Role.LIAISON))
    assert 'name="layout"' not in client.get("/reports/").content.decode()
    assert client.post("/reports/", {"year": "2023", "layout": "brief"}).status_code == 404
    assert Edition.objects.count() == 0

"""Nothing typed is lost: taken back before the next person begins, shown again when refused, no dead address."""

from __future__ import annotations

import os
import struct
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.directory.access import ConflictError, Seen, perform
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.files import pictures
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.apps.returns.models import Version
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.apps.tasks.models import Evidence, Task
from website.addresses import MATRIX, patterns
from website.returns_world import filled, opened, people, seen
from website.role_ids import Role

pytestmark = pytest.mark.django_db
CAUSE, COUNTER = "产检时间不固定，漏查两人", "与产科门诊逐月核对名单，已补查"


@pytest.fixture
def task(make_person) -> Task:
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    unit = Organisation.objects.get(pk="health")
    due = timezone.localdate() + timedelta(days=20)
    return Task.objects.get(pk=acting.open_task(Reach(office), unit=unit, due_date=due, title="补查漏查的孕产妇"))


def test_an_answer_is_taken_back_until_the_office_has_begun(task, make_person) -> None:
    liaison = make_person("health", Role.LIAISON)
    tasks.answer(Reach(liaison), task, version=1, cause=CAUSE, countermeasure=COUNTER)
    task.refresh_from_db()
    assert [m.label for m in tasks.shown(Reach(liaison), task.pk).moves] == ["撤回"]
    acting_on = Seen("", task.version)
    perform(Reach(liaison), task, "recall", Seen("", task.version))
    task.refresh_from_db()
    assert (task.state, task.answered_by, task.cause) == ("open", None, CAUSE)  # what was written stays to be mended
    tasks.answer(Reach(liaison), task, version=task.version, cause=CAUSE, countermeasure=COUNTER)
    task.refresh_from_db()
    office = make_person("committee_office", Role.COMMITTEE_OFFICE, "verifier")
    tasks.close(Reach(office), task, version=task.version)
    with pytest.raises(ConflictError):
        perform(Reach(liaison), task, "recall", acting_on)


def test_a_return_taken_back_counts_as_not_filed(make_person) -> None:
    filing = opened()
    filing = opened()
    filler, leader, _ = people(make_person, filing.unit_id)
    returns.move(Reach(filler), filled(filing, filler).pk, "submit", seen=seen(filing))
    before = seen(filing)
    assert filing.submitted_at is not None
    returns.move(Reach(filler), filing.pk, "recall", seen=before)
    filing.refresh_from_db()
    assert (filing.state, filing.submitted_at) == ("draft", None)
    assert Version.objects.get(filing=filing.pk, number=1).submitted_by is None
    returns.move(Reach(filler), filing.pk, "submit", seen=seen(filing))
    waiting = seen(filing)
    returns.move(Reach(leader), filing.pk, "sign", seen=waiting)
    with pytest.raises(ConflictError):  # the leader has begun
        returns.move(Reach(filler), filing.pk, "recall", seen=waiting)
    returns.move(Reach(leader), filing.pk, "recall", seen=seen(filing))
    filing.refresh_from_db()
    version = Version.objects.get(filing=filing.pk, number=1)
    assert (filing.state, version.signed_by, version.submitted_by) == ("submitted", None, filler)


def test_a_refused_answer_is_shown_again_with_what_was_typed(task, make_person, browser_of) -> None:
    browser = browser_of(make_person("health", Role.LIAISON))
    url = reverse("acting.task", kwargs={"number": task.pk})
    got = browser.post(url, {"do": "answer", "version": 99, "cause": CAUSE, "countermeasure": COUNTER})
    assert got.status_code == 409
    page = got.content.decode()
    assert CAUSE in page
    assert COUNTER in page


def test_a_refused_reason_is_shown_again(task, make_person, browser_of) -> None:
    browser = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE, "second"))
    url = reverse("acting.task", kwargs={"number": task.pk})
    got = browser.post(url, {"do": "withdraw", "version": 99, "reason": "重复下达，与另一任务合并"})
    assert got.status_code == 409
    assert 'value="重复下达，与另一任务合并"' in got.content.decode()


def test_who_opens_an_address_that_takes_posts_only_is_led_to_its_page(make_person, browser_of) -> None:
    """Every such address but what a script asks: a link kept or a page reloaded is never dead."""
    posting = {p.name: p.callback.access for p in patterns() if "GET" not in p.callback.access.methods}
    dead = {name for name, access in posting.items() if not access.back}
    assert dead == {"forms.compute", "exchange.packages"}  # what a script and another site ask
    browser = browser_of(make_person("statistics", Role.STATISTICS))
    for name, access in posting.items():
        if name in dead or MATRIX[name].get("args"):
            continue
        got = browser.get(reverse(name))
        assert (got.status_code, got.url) == (302, reverse(access.back)), name


def _jpeg(*blocks: bytes) -> bytes:
    """A made-up JPEG with application blocks, one scan and a trailer behind its end."""
    table = b"\xff\xdb\x00\x05\x00\x01\x02"
    scan = b"\xff\xda\x00\x04\x01\x00" + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + b"".join(blocks) + table + scan + b"\xff\xd9"


def _block(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + (len(body) + 2).to_bytes(2, "big") + body


def test_adding_a_file_keeps_what_is_being_typed(task, make_person, browser_of) -> None:
    liaison = make_person("health", Role.LIAISON)
    browser = browser_of(liaison)
    url = reverse("acting.task", kwargs={"number": task.pk})
    typed = {"do": "evidence", "version": 1, "cause": CAUSE, "countermeasure": COUNTER}
    got = browser.post(url, typed | {"file": SimpleUploadedFile("名单.pdf", b"%PDF-1.7 made up")})
    page = got.content.decode()
    assert got.status_code == 200
    assert "data-kept" in page
    assert CAUSE in page
    assert COUNTER in page
    assert "名单.pdf" in page
    assert Task.objects.get(pk=task.pk).cause == ""  # it is not sent yet
    again = browser.post(url, typed | {"file": SimpleUploadedFile("又一份.pdf", b"%PDF-1.7 made up")})
    assert again.status_code == 400
    assert "这个文件已经上传过：名单.pdf" in again.content.decode()
    assert CAUSE in again.content.decode()
    nothing = browser.post(
        url, {"do": "evidence", "version": 1, "file": SimpleUploadedFile("b.pdf", b"%PDF-1.7 other")}
    )
    assert nothing.status_code == 302


def test_evidence_is_looked_at_or_taken_away(task, make_person, browser_of) -> None:
    liaison = make_person("health", Role.LIAISON)
    pdf = tasks.add_evidence(liaison, SimpleUploadedFile("登记.pdf", b"%PDF-1.7 x"), task=task)
    book = tasks.add_evidence(liaison, SimpleUploadedFile("台账.exe", b"PK\x03\x04 xl/workbook.xml"), task=task)
    browser = browser_of(liaison)
    for one, look, way, kind in (
        (pdf, "?look=1", "inline", "application/pdf"),
        (pdf, "", "attachment", "application/pdf"),
        (book, "?look=1", "attachment", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ):
        got = browser.get(reverse("acting.evidence", kwargs={"number": one.pk}) + look)
        assert got.status_code == 200
        assert got.headers["Content-Disposition"].startswith(way)
        assert got.headers["Content-Type"] == kind
        assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert book.name == "台账.exe.xlsx"  # the name says what it is
    page = browser.get(reverse("acting.task", kwargs={"number": task.pk})).content.decode()
    assert page.count("?look=1") == 1
    other = browser_of(make_person("education", Role.LIAISON))
    assert other.get(reverse("acting.evidence", kwargs={"number": pdf.pk})).status_code == 404


def test_a_photograph_is_kept_without_what_the_camera_wrote(task, make_person) -> None:
    tiff = b"II*\x00" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0) + b"GPS 36.1 110.8"
    blocks = (
        _block(0xE0, b"JFIF\x00\x01\x01"), _block(0xE1, b"Exif\x00\x00" + tiff), _block(0xFE, b"owner: made up"),
        _block(0xE1, b"http://ns.adobe.com/xap/1.0/\x00 GPS"), _block(0xED, b"Photoshop 3.0\x00 GPS"),
        _block(0xE2, b"ICC_PROFILE\x00colours"), _block(0xE2, b"MPF\x00 GPS"),
    )  # fmt: skip
    made = tasks.add_evidence(
        make_person("health", Role.LIAISON),
        SimpleUploadedFile("现场.jpeg", _jpeg(*blocks) + b"a film with GPS"),
        task=task,
    )
    handed = files.hand(files.EVIDENCE, made.sha256, made.name)
    kept = handed.path.read_bytes()
    assert b"GPS" not in kept
    assert b"owner" not in kept
    assert kept.endswith(b"\x12\xff\x00\x34\xff\xd0\x56\xff\xd9")
    assert b"ICC_PROFILE\x00colours" in kept
    assert kept.count(b"Exif") == 1  # which way up it is, and nothing else
    assert pictures.without_metadata(kept, "jpg") == kept
    upright = _jpeg(_block(0xE0, b"JFIF\x00\x01\x01"))
    assert pictures.without_metadata(upright, "jpg") == upright


def test_a_png_keeps_its_colours_only() -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + b"crc4"

    start, colours, end = b"\x89PNG\r\n\x1a\n", chunk(b"iCCP", b"p") + chunk(b"IDAT", b"data"), chunk(b"IEND", b"")
    written = start + chunk(b"eXIf", b"GPS") + colours[:13] + chunk(b"tEXt", b"GPS") + colours[13:] + end + b"GPS"
    assert pictures.without_metadata(written, "png") == start + colours + end


@pytest.mark.parametrize("cut", range(3, 60, 7))
def test_a_broken_picture_is_refused_whole(cut, task, make_person) -> None:
    whole = _jpeg(_block(0xE1, b"Exif\x00\x00" + b"GPS" * 10))
    with pytest.raises(UserError, match="图片不完整"):
        tasks.add_evidence(
            make_person("health", Role.LIAISON), SimpleUploadedFile("x.jpg", whole[: len(whole) - cut]), task=task
        )
    assert not Evidence.objects.filter(task=task).exists()


def test_files_that_nothing_names_are_swept(settings) -> None:
    used = files.keep(files.ANSWERS, SimpleUploadedFile("a.pdf", b"%PDF-1.7 used"))
    unused = files.keep(files.ANSWERS, SimpleUploadedFile("b.pdf", b"%PDF-1.7 unused"))
    fresh = files.keep(files.ANSWERS, SimpleUploadedFile("c.pdf", b"%PDF-1.7 fresh"))
    for one in (used, unused):
        os.utime(files.path_of(files.ANSWERS, one.key), (0, 0))
    named = lambda keys: {used.key} & set(keys)  # noqa: E731
    assert files.sweep(files.ANSWERS, named, before=timezone.now() - timedelta(days=2)) == 1
    there = [files.path_of(files.ANSWERS, one.key).exists() for one in (used, unused, fresh)]
    assert there == [True, False, True]

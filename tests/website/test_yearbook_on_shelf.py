"""The yearbook goes to the public with the annual report: two people, frozen bytes, compared with earlier releases; the
report is printed with marks or without, as was chosen when it was handed in."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from qingmiao.site.apps.publishing import api
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.shelf import api as shelf
from qingmiao.site.apps.shelf.models import PublicItem
from qingmiao.site.web.portal import publication, site_map
from website.measured import a_run
from website.role_ids import Role

RAISED = 'w:val="superscript"'


@pytest.fixture
def people(make_person: Any) -> tuple[Any, Any]:
    return make_person("committee_office", Role.COMMITTEE_OFFICE), make_person("statistics", Role.STATISTICS)


def handed_in(people: tuple[Any, Any], **given: Any) -> Edition:
    """An annual report that awaits the second person."""
    a_run()
    made = api.start(people[0], year=2023)
    api.make(made.pk)
    api.move(people[0], made, "submit", version=Edition.objects.get(pk=made.pk).version, **given)
    api.prepare(made.pk)
    made.refresh_from_db()
    return made


def released(people: tuple[Any, Any], **given: Any) -> Edition:
    made = handed_in(people, **given)
    api.move(people[1], made, "approve", version=made.version)
    made.refresh_from_db()
    return made


def bytes_of(edition: Edition, kind: str) -> bytes:
    path = api.file(edition, kind)
    assert path is not None
    return Path(path).read_bytes()


def body(edition: Edition) -> str:
    """The text of the report's docx, as XML."""
    with zipfile.ZipFile(BytesIO(bytes_of(edition, "docx"))) as whole:
        return whole.read("word/document.xml").decode()


@pytest.mark.django_db(transaction=True)
def test_what_the_second_person_approved_is_what_everybody_takes(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Excel and PDF lie among the edition's files before approval, on the shelf after it, and the portal gives the very
    bytes, in the section of downloads of both languages; a second edition knows what the first one showed."""
    edition = handed_in(people)
    assert not PublicItem.objects.filter(kind=shelf.YEARBOOK).exists()
    mine = {form: bytes_of(edition, f"yearbook.{form}") for form in ("xlsx", "pdf")}
    assert mine["pdf"].startswith(b"%PDF")
    api.move(people[1], edition, "approve", version=edition.version)
    kept = PublicItem.objects.get(kind=shelf.YEARBOOK).content
    assert {f["form"]: f["sha256"] for f in kept["files"]} == {
        form: hashlib.sha256(raw).hexdigest() for form, raw in mine.items()
    }  # fmt: skip
    assert kept["numbers"]["shown"] > 0
    found = site_map.files(publication.publications())
    for form, raw in mine.items():
        assert found[f"data/yearbook.{form}"].make() == raw
    for language in ("zh", "en"):
        page = found[f"{language}/data.html"].make().decode()
        assert 'href="../data/yearbook.xlsx"' in page
    before = shelf.tables_before()
    assert any("yearbook." in one.name for told in before.values() for one in told)
    again = handed_in(people)
    again_kept = PublicItem.objects.filter(kind=shelf.NUMBERS, key__startswith="yearbook.").order_by("pk")
    assert len(again_kept) == 1  # the second is not there before it is approved
    assert bytes_of(again, "yearbook.pdf").startswith(b"%PDF")
    (Path(settings.HOME) / "reports" / again.folder / again.files["yearbook.xlsx"]["name"]).write_bytes(b"changed")
    with pytest.raises(api.NotAllowedError, match="缺失或被改动过"):
        api.move(people[1], again, "approve", version=again.version)


@pytest.mark.django_db
def test_the_report_is_printed_with_marks_or_without(people: Any) -> None:
    """One superscript a sentence as ever; chosen without there is none in the body, the numbers stay, and the annex has
    all of them."""
    marked, bare = handed_in(people), handed_in(people, cited=False)
    assert RAISED in body(marked)
    assert RAISED not in body(bare)
    assert bare.cited is False
    assert "5.4" in body(bare)
    annexes = [len(bytes_of(e, "annex.docx")) for e in (marked, bare)]
    assert min(annexes) > 0.9 * max(annexes)

"""What an app uses stays on its shelf, what nobody uses goes after a day: every app that keeps files has said what it
uses."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qingmiao.site.apps.acting.models import DocumentFile
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.files import sweeping
from qingmiao.site.apps.inspections.models import Inspection
from qingmiao.site.apps.returns.models import Upload
from qingmiao.site.apps.surveys.models import Answer, EarlierAnswer
from qingmiao.site.apps.tasks.models import Evidence
from website.acted import a_plan, a_task
from website.inspected import an_inspection
from website.returns_world import opened
from website.role_ids import Role
from website.surveyed import a_photo_survey, an_answer

pytestmark = pytest.mark.django_db
NUMBERS = iter(range(10**6))


def old(shelf: files.Shelf, *, kind: str = "pdf") -> str:
    """A made-up file that lay for long; its key."""
    start = b"%PDF-1.7 " if kind == "pdf" else b"PK\x03\x04 xl/ "
    upload = SimpleUploadedFile(f"x.{kind}", start + str(next(NUMBERS)).encode())
    key = files.keep(shelf, upload).key
    os.utime(files.path_of(shelf, key), (0, 0))
    return key


def answered(make_person: Callable[..., Any]) -> str:
    key = old(files.ANSWERS)
    an_answer(a_photo_survey(make_person), {"said": "演示", "picture": key})
    return key


def corrected(make_person: Callable[..., Any]) -> str:
    key, now = old(files.ANSWERS), timezone.now()
    receipt = an_answer(a_photo_survey(make_person), {"said": "演示"})
    document = {"answers": {"said": "演示", "picture": key}}
    EarlierAnswer.objects.create(
        answer=Answer.objects.get(receipt=receipt), version=1, area="141029100", document=document, until_at=now
    )
    return key


def inspected(make_person: Callable[..., Any]) -> str:
    key, maker = old(files.ANSWERS), make_person("education", Role.LIAISON)
    made = an_inspection(Organisation.objects.get(pk="education"), maker, state="visiting")
    made.answers |= {"rows": [{"separate_photo": key}]}
    made.save()
    return key


def planned(make_person: Callable[..., Any]) -> str:
    key, made = old(files.ANSWERS), a_plan(make_person, "health")
    made.answers = {"picture": key}
    made.save()
    return key


def proven(make_person: Callable[..., Any]) -> str:
    key, by = old(files.EVIDENCE), make_person("health", Role.LIAISON)
    Evidence.objects.create(
        task=a_task(make_person, "health"), name="x", sha256=sweeping.hash_of(key), bytes=1, added_by=by,
        added_at=timezone.now(),
    )  # fmt: skip
    return key


def filed(make_person: Callable[..., Any]) -> str:
    key, by = old(files.EVIDENCE), make_person("health", Role.LIAISON)
    DocumentFile.objects.create(
        activity=a_plan(make_person, "health"), name="x", sha256=sweeping.hash_of(key), bytes=1, added_by=by,
        added_at=timezone.now(),
    )  # fmt: skip
    return key


def uploaded(make_person: Callable[..., Any]) -> str:
    key, filing = old(files.WORKBOOKS, kind="xlsx"), opened()
    Upload.objects.create(
        filing=filing, version=1, revision=0, name="x.xlsx", sha256=sweeping.hash_of(key), size=1, state="ready",
        uploaded_at=timezone.now(), uploaded_by=make_person("health", Role.LIAISON),
    )  # fmt: skip
    return key


@pytest.mark.parametrize(
    ("shelf", "using"),
    [
        (files.ANSWERS, answered),
        (files.ANSWERS, corrected),
        (files.ANSWERS, inspected),
        (files.ANSWERS, planned),
        (files.EVIDENCE, proven),
        (files.EVIDENCE, filed),
        (files.WORKBOOKS, uploaded),
    ],
)
def test_what_is_used_stays_and_the_rest_goes(shelf: files.Shelf, using: Callable[..., str], make_person) -> None:
    used, unused = using(make_person), old(shelf, kind="xlsx" if shelf is files.WORKBOOKS else "pdf")
    fresh = files.keep(shelf, SimpleUploadedFile("new.xlsx", b"PK\x03\x04 xl/ fresh")).key
    assert sweeping.sweep_unused() >= 1
    assert [files.path_of(shelf, key).exists() for key in (used, unused, fresh)] == [True, False, True]


def test_every_column_that_may_name_a_file_is_asked() -> None:
    """A model that keeps a form's answers or a file's hash, and says nothing of it, would lose its files."""
    keeping = {
        m._meta.db_table
        for m in apps.get_models()
        for f in m._meta.concrete_fields
        if m.__module__.startswith("qingmiao.")
        and (f.name == "sha256" or (isinstance(f, models.JSONField) and f.name in ("answers", "document")))
    }
    assert {Inspection._meta.db_table, Answer._meta.db_table, Evidence._meta.db_table} <= keeping
    with CaptureQueriesContext(connection) as asked:
        for shelf in files.SHELVES:
            for used in sweeping.users(shelf):
                used(["0" * 64 + ".pdf"])
    sql = " ".join(q["sql"] for q in asked)
    assert {t for t in keeping if f'"{t}"' not in sql} == set()


def test_a_shelf_of_which_nothing_was_said_is_left_alone(monkeypatch) -> None:
    key = old(files.EVIDENCE)
    monkeypatch.setitem(sweeping._USERS, files.EVIDENCE, [])
    sweeping.sweep_unused()
    assert files.path_of(files.EVIDENCE, key).exists()

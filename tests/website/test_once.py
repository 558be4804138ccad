"""A form that arrives twice is done once: the second arrival is led to the first one's result."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import RequestFactory
from django.urls import reverse

import qingmiao.site.web as web
from qingmiao.site.apps.acting.models import Fund
from qingmiao.site.apps.directory.models import Operation, Person
from qingmiao.site.web.ui import once
from website.role_ids import Role

COOKIELESS = {"receipt.html"}
"""Pages without login that only look something up."""
FIELD = re.compile(r'name="operation" value="([A-Za-z0-9_-]{22})"')
OPENING = re.compile(r"<form\b(?:[^>%{]|\{%.*?%\}|\{\{.*?\}\}|%)*>", re.S)
ITEM = {"year": "2024", "unit": "health", "source": "budget", "budget": "3", "allocated": "2", "spent": "1"}


def an_item(name: str, number: str) -> dict[str, str]:
    return {**ITEM, "item": f"演示项目{name}", "operation": number}


@pytest.mark.django_db
def test_every_form_that_posts_carries_an_id_of_its_own(make_person, browser_of):
    """Every one has the tag, and the tag writes a new id each time a form is shown."""
    bare = []
    for template in sorted(Path(web.__file__).parent.rglob("templates/**/*.html")):
        text = template.read_text("utf-8")
        for found in OPENING.finditer(text):
            inside = text[found.end() : text.index("</form>", found.end())]
            if (
                'method="post"' in found[0]
                and "{% csrf_token %}" not in inside
                and "hx-post" not in found[0]
                and template.name not in COOKIELESS
            ):
                bare.append(f"{template.name}: {found[0]}")
    assert bare == []
    browser = browser_of(make_person("health", Role.LIAISON))
    page = browser.get(reverse("acting.funds")).content.decode()
    numbers = FIELD.findall(page)
    assert len(numbers) == len(set(numbers)) == page.count('method="post"')
    assert not set(numbers) & set(FIELD.findall(browser.get(reverse("acting.funds")).content.decode()))


@pytest.mark.django_db
def test_the_second_arrival_makes_nothing_and_is_told_so(make_person, browser_of):
    """The same with another id, or with something else in it, or by somebody else, is another operation."""
    one, two = make_person("health", Role.LIAISON), make_person("health", Role.LIAISON, "second")
    browser, url = browser_of(one), reverse("acting.funds")
    first = browser.post(url, an_item("一", "a" * 22))
    second = browser.post(url, an_item("一", "a" * 22))
    assert (first.status_code, second.status_code, Fund.objects.count()) == (302, 302, 1)
    assert second["Location"].partition("?")[0] == first["Location"].partition("?")[0]
    assert "没有重复办理" in browser.get(second["Location"]).content.decode()
    assert "没有重复办理" not in browser.get(first["Location"]).content.decode()
    other = browser.post(url, an_item("二", "a" * 22))
    assert ("again" in other["Location"], Fund.objects.count()) == (False, 2)
    for who, number in ((browser, "b" * 22), (browser_of(two), "a" * 22)):
        assert who.post(url, an_item("一", number)).status_code == 409  # one item of a year is there only once


@pytest.mark.django_db
def test_a_refused_form_may_be_sent_again(make_person, browser_of):
    browser, url = browser_of(make_person("health", Role.LIAISON)), reverse("acting.funds")
    wrong = {**an_item("一", "a" * 22), "unit": "education"}
    assert browser.post(url, wrong).status_code >= 400
    assert not Operation.objects.exists()
    assert browser.post(url, an_item("一", "a" * 22)).status_code == 302
    assert Fund.objects.count() == 1


@pytest.mark.django_db
def test_an_account_that_is_made_twice_shows_its_password_once(make_person, browser_of):
    """An answer that leads nowhere names where a second arrival is led; the password is kept nowhere."""
    browser = browser_of(make_person("government_service", Role.SYSTEM_ADMIN))
    body = {"username": "new-one", "name": "演示·新人", "unit": "health", "operation": "a" * 22}
    first = browser.post(reverse("people.new"), body)
    second = browser.post(reverse("people.new"), body)
    assert (first.status_code, second.status_code) == (200, 302)
    assert second["Location"] == reverse("people.one", args=["new-one"]) + "?again=1"
    assert Person.objects.filter(username="new-one").count() == 1


def test_another_file_is_another_operation(monkeypatch):
    """Also one of the same name and size."""
    who = Person(pk=1)
    monkeypatch.setattr(once, "person", lambda request: who)

    def key(content: bytes, name: str = "一.pdf") -> str:
        return once._key(RequestFactory().post("/x", {"file": SimpleUploadedFile(name, content)}), "a" * 22)

    assert key(b"1234") == key(b"1234")
    assert len({key(b"1234"), key(b"1235"), key(b"1234", "二.pdf")}) == 3


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_makes_it(make_person, browser_of):
    browsers = [browser_of(make_person("health", Role.LIAISON)) for _ in range(8)]
    begun, answers = threading.Barrier(8), []

    def send(browser):
        begun.wait()
        answers.append(browser.post(reverse("acting.funds"), an_item("一", "a" * 22)).status_code)
        connections.close_all()

    threads = [threading.Thread(target=send, args=(b,)) for b in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers, Fund.objects.count()) == ([302] * 8, 1)

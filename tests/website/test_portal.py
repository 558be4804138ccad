"""The public portal: pages of the shelf for everybody, the same as static files, made once each."""

from __future__ import annotations

import csv
import io
import json
import threading
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import psycopg
import pytest
from django.test import Client

from qingmiao.site.apps.shelf import api as shelf
from qingmiao.site.changes import CHANGES
from qingmiao.site.web.portal import keeping
from qingmiao.site.web.portal.exporting import export
from qingmiao.site.web.portal.first import portal_first
from qingmiao.site.web.portal.publication import publications
from qingmiao.site.web.portal.site_map import PortalFile, files
from waiting import finished, until
from website.public_editions import indicator, put_edition

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_memory(monkeypatch) -> keeping.PortalMemory:
    """A portal that remembers nothing of other tests."""
    kept = keeping.PortalMemory()
    monkeypatch.setattr("qingmiao.site.web.portal.keeping.KEPT", kept)
    return kept


SCRIPTED = {"zh/services/nurseries.html", "en/services/nurseries.html"}
"""Pages with a script: what it does besides, they do without."""


class Links(HTMLParser):
    """What a page links to, its headings, its languages, and ids that are used twice."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.scripts += tag == "script" or any(name.startswith("on") for name in given)
        links = [str(given[name]) for name in ("href", "src") if given.get(name)]
        self.links += [link for link in links if not link.startswith("tel:")]
        self.ids += [str(given["id"])] if given.get("id") else []


def get(path: str, **more: str):
    return Client().get(f"/portal/{path}", **more)


def test_before_the_first_edition_the_portal_says_so():
    page = get("")
    assert page.status_code == 200
    assert "还没有公开的数据" in page.content.decode()
    assert get("zh/index.html").status_code == 404


def test_a_person_who_follows_links_finds_every_page_and_none_is_dead():
    """From the first page on, without script: every link leads to a page, and every file of the edition is found."""
    put_edition()
    seen, left = set(), [""]
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = get(path)
        assert answer.status_code == 200, path
        if not answer["Content-Type"].startswith("text/html"):
            continue
        page = Links(answer.content.decode())
        assert page.tags.count("h1") == 1, path
        assert page.scripts == (path in SCRIPTED), path
        assert len(page.ids) == len(set(page.ids)), path
        for link in page.links:
            target = urldefrag(urljoin(f"http://x/portal/{path}", link))[0]
            assert target.startswith("http://x/portal/"), (path, link)
            left.append(target.removeprefix("http://x/portal/"))
    assert {path or "index.html" for path in seen} == set(files(publications()))


def test_suppressed_numbers_are_told_and_nothing_else_of_them():
    put_edition()
    page = get("zh/indicators/health.demo.html").content.decode()
    assert "不显示" in page
    assert "3.4" in page
    rows = list(csv.DictReader(io.StringIO(get("data/health.demo.csv").content.decode("utf-8-sig"))))
    county = {r["year"]: r for r in rows if r["area"] == "141029"}
    assert (county["2022"]["value"], county["2022"]["obs_status"]) == ("", "Q")
    assert county["2023"]["numerator"] == "340"
    told = json.loads(get("data/health.demo.json").content)
    assert told["size"] == [3, 3]
    assert len(told["value"]) == 9
    assert told["value"][1] is None
    assert told["status"]["1"] == "Q"
    package = json.loads(get("data/datapackage.json").content)
    assert [r["path"] for r in package["resources"]] == [
        "health.demo.csv", "sdmx/structure.xml", "sdmx/data.csv", "sdmx/data.xml",
    ]  # fmt: skip
    assert [f["name"] for f in package["resources"][0]["schema"]["fields"]] == list(rows[0])


def test_english_pages_say_what_is_chinese():
    put_edition()
    page = get("en/index.html").content.decode()
    assert '<html lang="en">' in page
    assert "Demonstration data" in page
    assert '<span lang="zh-CN">乡宁县儿童发展规划</span>' in page
    assert 'href="../zh/index.html"' in page


def test_services_are_found_by_kind_and_township():
    put_edition()
    assert get("zh/services/").content == get("zh/services/index.html").content
    assert 'href="nurseries.html"' in get("zh/services/").content.decode()
    page = get("zh/services/nurseries.html").content.decode()
    assert page.index(">演示一镇</h2>") < page.index("演示一园</h3>") < page.index(">演示二镇</h2>")
    assert page.count('<dd class="on">2026-10-01</dd>') == 3
    free = [line.partition('<dd class="free">')[2].partition("<")[0] for line in page.splitlines() if '"free"' in line]
    assert free == ["没有空余", "至少 20", "有空余"]
    assert page.count(" data-free>") == 2
    assert page.count("data-at=") == 2
    english = get("en/services/nurseries.html").content.decode()
    assert "at least 20" in english
    assert "<dt>kind</dt><dd>\nnursery</dd>" in english


def test_news_stands_on_the_first_page_and_on_its_own():
    put_edition()
    for path in ("zh/index.html", "zh/news.html"):
        page = get(path).content.decode()
        assert page.index('<time datetime="2026-09-01">') < page.index('<time datetime="2026-08-01">')
        assert "演示幼儿园改造" in page
        assert "演示儿童六十人参加。" in page
    assert "finished" in get("en/news.html").content.decode()


def test_an_edition_without_services_and_news_says_so():
    """What was published before there were any."""
    from website.test_public_shelf import put

    plan = {"title": {"zh": "演示", "en": ""}, "county": {"code": "1", "name": "演示县"}, "year": 2023, "fields": []}
    put(items=[shelf.ShelvedItem("plan", "", plan)])
    assert "没有公开的服务机构" in get("zh/services/").content.decode()
    assert "没有公开的动态" in get("zh/news.html").content.decode()
    assert get("zh/index.html").status_code == 200


def test_a_chart_may_stand_in_other_pages_and_no_other_page_may():
    put_edition()
    chart, page = get("zh/charts/health.demo.html"), get("zh/index.html")
    assert "frame-ancestors *" in chart["Content-Security-Policy"]
    assert "X-Frame-Options" not in chart
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


def test_a_reader_who_has_the_page_is_not_sent_it_again():
    put_edition()
    first = get("zh/index.html")
    again = get("zh/index.html", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    put_edition(2)
    assert get("zh/index.html", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_the_static_files_are_the_live_pages(tmp_path: Path):
    put_edition()
    count = export(tmp_path / "site")
    written = [p for p in (tmp_path / "site").rglob("*") if p.is_file()]
    assert count == len(written) >= 20
    for path in written:
        assert get(path.relative_to(tmp_path / "site").as_posix()).content == path.read_bytes()


def test_a_folder_that_holds_something_is_not_written_over(tmp_path: Path):
    from qingmiao.kernel.errors import UserError

    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="已经有东西"):
        export(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("path", ["../settings", "zh/../../x", "zh/nothing.html", "data/../../etc/passwd", "zh/index"])
def test_other_paths_are_not_there(path: str):
    put_edition()
    assert get(path).status_code == 404


class Asked(dict[str, PortalFile]):
    """The files of an edition; says to `came` who asks for one."""

    def __init__(self, given: dict[str, PortalFile], came: list[str]) -> None:
        super().__init__(given)
        self.came = came

    def get(self, path: str, other=None):
        self.came.append(path)
        return super().get(path, other)


def test_many_at_once_make_a_page_once(own_memory, monkeypatch):
    """A page that takes its time is made once for all who ask meanwhile, for each edition; nobody is sent an error."""
    made: list[int] = []
    came: list[str] = []

    def slow() -> bytes:
        made.append(1)
        until(lambda: len(came) >= 24)  # it takes as long as the others need to come
        return b"page"

    monkeypatch.setattr(keeping, "files", lambda editions: Asked({"a.html": PortalFile("text/html", slow)}, came))
    for edition in (1, 2):
        put_edition(edition)
        came.clear()
        assert asked_at_once(own_memory, 24) == ["page"] * 24
        assert len(made) == edition


def asked_at_once(memory: keeping.PortalMemory, many: int) -> list[str]:
    """What so many threads are given that ask for one page at the same moment."""
    answers: list[str] = []
    begin = threading.Barrier(many)

    def ask() -> None:
        begin.wait()
        found = memory.page("a.html")
        answers.append("" if found is None else found.body.decode())

    threads = [threading.Thread(target=ask) for _ in range(many)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return answers


def test_a_shelf_that_is_away_shows_the_edition_before(own_memory, monkeypatch):
    put_edition()
    assert get("zh/index.html").status_code == 200

    def away() -> None:
        raise psycopg.OperationalError("away")

    monkeypatch.setattr(shelf, "newest_edition", away)
    CHANGES.happened()
    assert get("zh/about.html").status_code == 200
    monkeypatch.setattr("qingmiao.site.web.portal.keeping.KEPT", keeping.PortalMemory())
    assert get("zh/about.html").status_code == 503


def test_an_indicator_of_another_edition_goes_with_it():
    put_edition()
    put_edition(2, indicators={"health.other": indicator("health.other")})
    assert get("zh/indicators/health.other.html").status_code == 200
    assert get("zh/indicators/health.demo.html").status_code == 404


def test_a_page_that_is_kept_goes_out_as_the_first_one_did(own_memory, monkeypatch):
    """The second time nothing of the site is asked; the answer is the same but for the request's own number. Without
    certainty that no newer edition is there, the site is asked."""
    monkeypatch.setattr(type(CHANGES), "number", property(lambda self: self._heard))
    put_edition()
    for path in ("zh/index.html", "zh/charts/health.demo.html", "data/health.demo.csv"):
        assert asked(path) == "the site"
        first = get(path)
        status, headers, body = asked(path)
        assert (status, body) == (200, first.content)
        told = {name.lower(): value for name, value in first.items()}
        del told["x-request-id"]
        assert headers == {**told, "content-length": str(len(body))}
        assert asked(path, first["ETag"])[0] == 304
    put_edition(2)
    CHANGES.happened()
    assert asked("zh/index.html") == "the site"


def asked(path: str, etag: str = ""):
    """What the server answers without asking the site: status, headers, body; else that it asks the site."""
    sent = []

    async def site(scope, receive, send) -> None:
        sent.append("the site")

    async def send(message) -> None:
        sent.append(message)

    headers = [(b"if-none-match", etag.encode())] if etag else []
    scope = {"type": "http", "method": "GET", "path": f"/portal/{path}", "headers": headers, "scheme": "http"}
    finished(portal_first(site)(scope, None, send))
    if sent == ["the site"]:
        return "the site"
    start, body = sent
    return start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, body["body"]

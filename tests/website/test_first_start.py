"""The first start in stages: pages wait for what they need, a stage that breaks is undone and taken up by the next
start."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory

from qingmiao.collect.folder import Collected
from qingmiao.site.web.ui import first_loading, language

pytestmark = pytest.mark.django_db


class BrokenError(Exception):
    """What a stage of this test meets."""


@pytest.fixture
def stages() -> list:
    from qingmiao.site.apps.audit import api as audit

    made = [audit.stages.LoadingStage(one, f"第{one}段", f"part {one}") for one in ("figures", "files")]
    audit.stages.plan(made)
    return made


def test_a_stage_stands_or_falls_with_what_it_loads(stages: list) -> None:
    from qingmiao.site.apps.audit import api as audit

    def half() -> None:
        audit.append(audit.SYSTEM, "start.stage", object_type="half", object_id=1)
        raise BrokenError

    with pytest.raises(BrokenError):
        audit.stages.load("figures", half)
    assert not audit.stages.is_done("figures")
    assert not audit.of_object("half", 1)
    audit.stages.load("figures", lambda: {"rows": 3})
    assert audit.stages.what("figures") == {"rows": 3}
    found = audit.stages.loading()
    assert found is not None
    assert ([s.id for s in found.waiting], found.place, found.running) == (["files"], 2, False)
    with audit.stages.at_work():
        now = audit.stages.loading()
        assert now is not None
        assert now.running
    audit.stages.load("files", lambda: None)
    assert audit.stages.loading() is None


def test_a_stage_that_is_done_is_not_done_again(stages: list) -> None:
    from qingmiao.site.apps.audit import api as audit

    audit.stages.load("figures", lambda: None)
    audit.stages.load("figures", lambda: pytest.fail("done a second time"))


def view_of(module: str) -> Callable[..., HttpResponse]:
    """A view that stands in a module."""

    def view(request: object) -> HttpResponse:
        return HttpResponse("page")

    view.__module__ = module
    return view


@pytest.fixture
def demonstration(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], HttpResponse | None]:
    """What the middleware of a demonstration says of a view in a module."""
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, mode="demo"))
    middleware = first_loading.FirstLoading(lambda _: HttpResponse())

    def asked(module: str) -> HttpResponse | None:
        return middleware.process_view(RequestFactory().get("/"), view_of(module), (), {})

    return asked


def test_pages_wait_for_what_they_show_and_open_when_it_is_there(stages: list, demonstration: Callable) -> None:
    from qingmiao.site.apps.audit import api as audit

    wall, children = "qingmiao.site.web.console.monitoring.views", "qingmiao.site.web.console.records.views"
    assert demonstration(wall).status_code == 503
    assert demonstration("qingmiao.site.web.console.account.views") is None
    audit.stages.load("figures", lambda: None)
    assert demonstration(wall) is None
    told = demonstration(children)
    assert (told.status_code, told["Retry-After"]) == (503, str(first_loading.RETRY))
    page = told.content.decode()
    assert "第files段" in page
    assert "正在装入" not in page.split("<ol")[1].split("</ol>")[0], "nobody works at it"
    interface = demonstration("qingmiao.site.web.api.fhir.views")
    assert json.loads(interface.content)["detail"].startswith("正在装入第files段")
    audit.stages.load("files", lambda: None)
    assert demonstration(children) is None


def test_every_part_of_the_console_that_is_open_early_is_there() -> None:
    """A part that is renamed would silently be shut, a new one open: the names are those of packages and modules."""
    import importlib

    for name in first_loading.WITH_FIGURES:
        assert importlib.import_module(name.rstrip("."))
    assert language.__name__.startswith(first_loading.ALWAYS)


def test_a_site_that_is_no_demonstration_asks_nothing(
    stages: list, client: Client, django_assert_num_queries: Callable
) -> None:
    with django_assert_num_queries(0):
        assert client.get("/health/live").status_code == 200


def test_a_start_that_broke_in_a_stage_is_taken_up_by_the_next(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The registers break at the first start: what came before stays, the pages wait, the next start does the rest and
    nothing twice."""
    from qingmiao.site import first_start
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.config.parts import Parts

    done = list[str]()
    said = list[str]()

    def does(name: str) -> Callable[..., None]:
        return lambda *_, **__: done.append(name)

    def broken(*_: object) -> None:
        done.append("half")
        raise BrokenError

    for module, act in (
        ("demo_returns", "stage"), ("demo_returns", "upload_one"), ("returns", "import_accepted"),
        ("monitoring", "load"), ("demo_acting", "stage"), ("demo_cases", "stage"), ("demo_rounds", "stage"),
        ("demo_benefits", "stage"), ("demo_records", "without"), ("demo_records", "begin"),
    ):  # fmt: skip
        monkeypatch.setattr(getattr(first_start, module), act, does(f"{module}.{act}"))
    monkeypatch.setattr(first_start.demo_records, "read_lately", lambda *_: None)
    monkeypatch.setattr(first_start.demo_records, "named", lambda *_: None)
    monkeypatch.setattr(first_start.demo_registers, "stage", broken)
    monkeypatch.setattr(first_start, "read", lambda *_, **__: Collected({}, demo=True))
    environment = SimpleNamespace(mode="demo", home=tmp_path / "home")

    def start(data: Path | None) -> None:
        first_start.begin(data=data)
        one = first_start.FirstStart(environment, data, Parts(said.append))
        if one.figures():
            one.rest()

    with pytest.raises(BrokenError):
        start(tmp_path)
    assert done[-1] == "half"
    assert {"monitoring.load", "demo_cases.stage"} < set(done)
    waiting = audit.stages.loading()
    assert waiting is not None
    assert [s.id for s in waiting.waiting] == ["registers"]
    start(None)
    assert "还缺登记册" in said[-1]
    done.clear()
    monkeypatch.setattr(first_start.demo_registers, "stage", does("registers"))
    start(tmp_path)
    assert "registers" in done
    assert not {"monitoring.load", "demo_cases.stage", "demo_acting.stage"} & set(done)
    assert audit.stages.loading() is None


def test_two_demonstrations_side_by_side_keep_their_own_accounts(tmp_path: Path) -> None:
    """Both homes stand in one folder: each prints its own accounts, and who is forgotten takes hers along."""
    from qingmiao.site.config import process
    from qingmiao.site.config.environment import accounts_file
    from qingmiao.site.config.welcome import welcome

    sites = {
        name: SimpleNamespace(mode="demo", home=tmp_path / name, database_url="postgresql://elsewhere/qm")
        for name in ("one", "two")
    }
    for name, site in sites.items():
        site.home.mkdir()
        about = {"role_label": "x", "unit_label": "x", "username": name, "password": f"of {name}", "totp": "x"}
        accounts_file(site).write_text(json.dumps([about]), "utf-8")
    for name, site in sites.items():
        said = list[str]()
        assert welcome(site, address="http://x", seconds=1, say=said.append) == [name]
        assert f"of {name}" in said[-1]
    process.forget(sites["one"])
    assert [accounts_file(site).exists() for site in sites.values()] == [False, True]

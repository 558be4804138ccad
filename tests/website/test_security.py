"""What the surroundings must give, what every response carries, and limits."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from qingmiao.kernel.errors import UserError
from qingmiao.site import web as web_package
from qingmiao.site.apps.directory.lockout import device_cookie
from qingmiao.site.config.environment import read
from qingmiao.site.web.ui.requests import RATES, RateLimit
from qingmiao.site.web.ui.sessions import DEVICE_COOKIE
from waiting import ENDS
from website.role_ids import Role

GOOD = {
    "QINGMIAO_SECRET_KEY": "k7Jq-2vXw9_ZpL4mNc8RtYb3HfGd6SaQeUiOx5W1yTzVlKjB0n",
    "QINGMIAO_HOSTS": "ertong.county.cn",
}


def test_production_starts_with_a_real_secret_and_host():
    assert read(GOOD).mode == "production"
    assert read(GOOD).https


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"QINGMIAO_SECRET_KEY": ""}, "QINGMIAO_SECRET_KEY"),
        ({"QINGMIAO_SECRET_KEY": "short"}, "QINGMIAO_SECRET_KEY"),
        ({"QINGMIAO_SECRET_KEY": "a" * 60}, "QINGMIAO_SECRET_KEY"),
        ({"QINGMIAO_SECRET_KEY": "django-insecure-" + GOOD["QINGMIAO_SECRET_KEY"]}, "QINGMIAO_SECRET_KEY"),
        ({"QINGMIAO_SECRET_KEY": "changeme" + GOOD["QINGMIAO_SECRET_KEY"]}, "QINGMIAO_SECRET_KEY"),
        ({"QINGMIAO_DEBUG": "1"}, "QINGMIAO_DEBUG"),
        ({"QINGMIAO_HOSTS": ""}, "QINGMIAO_HOSTS"),
        ({"QINGMIAO_HOSTS": "*"}, "QINGMIAO_HOSTS"),
        ({"DATABASE_URL": "sqlite:///x.db"}, "DATABASE_URL"),
        ({"QINGMIAO_PASSWORDS": "weak"}, "QINGMIAO_PASSWORDS"),
    ],
)
def test_production_refuses_to_start_unsafe(change, named):
    with pytest.raises(UserError) as e:
        read(GOOD | change)
    assert [f.place for f in e.value.faults] == [named]


def test_the_command_refuses_and_says_everything_at_once(tmp_path):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("QINGMIAO", "DJANGO"))}
    got = subprocess.run(
        [sys.executable, "-m", "qingmiao.cli", "serve", "--home", str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment | {"QINGMIAO_DEBUG": "1"},
        timeout=ENDS,
    )
    assert got.returncode == 2
    assert all(name in got.stderr for name in ("QINGMIAO_SECRET_KEY", "QINGMIAO_DEBUG", "QINGMIAO_HOSTS"))
    assert "Traceback" not in got.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_production_site_takes_no_demonstration_data(tmp_path):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QINGMIAO", "DJANGO"))}
    got = subprocess.run(
        [sys.executable, "-m", "qingmiao.cli", "serve", "--home", str(tmp_path), "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        env=kept | GOOD,
        timeout=ENDS,
    )
    assert got.returncode == 2
    assert "--data 是演示数据，只用于 --demo" in got.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("mode", "installed"), [("production", "False"), ("demo", "True")])
def test_only_a_demonstration_knows_the_demonstration(tmp_path, mode, installed):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QINGMIAO", "DJANGO"))}
    given = GOOD | {"QINGMIAO_MODE": mode, "QINGMIAO_HOME": str(tmp_path), "DATABASE_URL": "postgresql://db/q"}
    script = "from qingmiao.site.config.settings import INSTALLED_APPS as apps; print('qingmiao.site.demo' in apps)"
    got = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=kept | given, timeout=ENDS, check=True
    )
    assert got.stdout.strip() == installed


def test_cookies_are_given_in_one_place_alone():
    web = Path(web_package.__file__).parent
    assert [p.name for p in web.rglob("*.py") if "set_cookie(" in p.read_text("utf-8")] == ["cookies.py"]


def test_pure_commands_do_not_load_django():
    script = (
        "import sys; from click.testing import CliRunner; from qingmiao.cli import main; "
        "r = CliRunner().invoke(main, ['check', 'content/china']); assert r.exit_code == 0, r.output; "
        "assert 'django' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=ENDS)


@pytest.mark.django_db
def test_every_response_has_the_secure_headers_and_no_inline_script(make_person, browser_of):
    client = browser_of(make_person("government_service", Role.SYSTEM_ADMIN))
    for where in ("/login", "/people/", "/people/new", "/account/password", "/nothing-here"):
        got = client.get(where)
        policy = got["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "unsafe-eval" not in policy
        assert got["X-Frame-Options"] == "DENY"
        assert got["X-Content-Type-Options"] == "nosniff"
        assert got["Referrer-Policy"] == "same-origin"
        text = got.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text), where
        assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:", text), where
    assert client.get("/people/")["Cache-Control"] == "no-store, private"


@pytest.mark.django_db
def test_forms_need_their_token(make_person):
    got = Client(enforce_csrf_checks=True).post("/login", {"username": "x", "password": "y"})
    assert got.status_code == 403
    assert "页面过期" in got.content.decode()


@pytest.mark.django_db
def test_pages_speak_chinese_first_and_english_by_choice():
    client = Client()
    assert '<html lang="zh-CN">' in client.get("/login").content.decode()
    client.post("/language", {"language": "en", "next": "/login"})
    page = client.get("/login").content.decode()
    assert '<html lang="en">' in page
    assert "Log in" in page


def test_the_rate_limit_refills_with_time():
    limit = RateLimit(lambda request: None)
    rate, size = RATES["login"]
    assert [limit.take("a", "login", 0.0) for _ in range(int(size))] == [0.0] * int(size)
    assert limit.take("a", "login", 0.0) >= 1
    assert limit.take("b", "login", 0.0) == 0.0
    assert limit.take("a", "login", 2 / rate) == 0.0


@pytest.mark.django_db
def test_an_attack_from_an_offices_address_stops_nobody_who_has_worked_there(make_person, browser_of, rf):
    """Hundreds of logins from the unit's own address: unknown devices wait, a person on hers does not."""
    limit = RateLimit(lambda request: "in")

    def asked(cookie: str = "", address: str = "10.1.1.1", path: str = "/login") -> object:
        request = rf.post(path, REMOTE_ADDR=address)
        request.COOKIES[DEVICE_COOKIE] = cookie
        request.limit_in_tests = True
        return limit(request)

    known, colleague = device_cookie("one", "d1"), device_cookie("two", "d2")
    stopped = [asked() for _ in range(400)][-1]
    assert stopped.status_code == 429
    assert asked("forged").status_code == 429
    assert asked(known) == asked(colleague) == asked(address="10.2.2.2") == "in"
    assert [asked(known) for _ in range(400)][-1].status_code == 429  # a known person has limits too
    assert asked(device_cookie("one", "another")).status_code == 429  # on all her devices
    assert asked(colleague) == "in"


def test_a_forwarded_address_counts_only_behind_our_own_proxy(rf, settings):
    from dataclasses import replace

    from qingmiao.site.web.ui.requests import address

    request = rf.get("/", HTTP_X_FORWARDED_FOR="6.6.6.6, 10.0.0.7", REMOTE_ADDR="10.0.0.1")
    assert address(request) == "10.0.0.1"
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, trusted_proxies=1)
    assert address(request) == "10.0.0.7"

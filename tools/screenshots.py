"""Screenshots of the running demonstration at 1440 and 390 px, logged in as each role.

python tools/screenshots.py OUT [--url http://127.0.0.1:8000] [--accounts var/demo/site-accounts.json] [ROLE:PATH …]

Without ROLE:PATH it takes every page that the role's own navigation leads to. Reports browser console errors and pages
wider than the screen.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pyotp
from playwright.sync_api import Page, sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
ROLES = ("committee_office", "statistics", "liaison", "leader", "system_admin", "audit_admin")


def log_in(page: Page, url: str, account: dict[str, str]) -> None:
    """Password, then the code of the account's TOTP secret (waits for the next code when this one has been used)."""
    page.goto(f"{url}/login")
    page.fill("#username", account["username"])
    page.fill("#password", account["password"])
    page.click("main button")
    for _ in range(3):
        page.fill("#code", pyotp.TOTP(account["totp"]).now())
        page.click("main button")
        if "/login" not in page.url:
            return
        page.wait_for_timeout(11_000)
    raise SystemExit(f"login of {account['username']} failed")


def shoot(out: Path, url: str, accounts: list[dict[str, Any]], wanted: list[str]) -> int:
    """Take them all; how many problems there were."""
    problems = 0
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=program, args=FLAGS, headless=True
        )
        page = context.new_page()
        page.on(
            "console",
            lambda m: print(f"console {m.type}: {m.text}") if m.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda e: print(f"page error: {e}"))
        for role in dict.fromkeys(w.split(":", 1)[0] for w in wanted) or ROLES:
            account = next((a for a in accounts if role in (a["role"], a["username"])), None)
            if account is None:
                print(f"no account for {role}")
                continue
            context.clear_cookies()
            log_in(page, url, account)
            paths = [w.split(":", 1)[1] for w in wanted if w.split(":", 1)[0] == role]
            paths = paths or [str(a.get_attribute("href")) for a in page.query_selector_all(".main-nav a")]
            for path in paths:
                for width in (1440, 390):
                    page.set_viewport_size({"width": width, "height": 900})
                    answer = page.goto(url + path)
                    page.wait_for_timeout(700)
                    name = f"{role}{path.split('?')[0].replace('/', '_').rstrip('_')}_{width}.png"
                    page.screenshot(path=str(out / name), full_page=True)
                    wide = page.evaluate("document.documentElement.scrollWidth") - width
                    if answer is None or answer.status >= 400 or wide > 0:
                        problems += 1
                        print(f"{name}: status {answer.status if answer else '-'}, {max(wide, 0)} px too wide")
        context.close()
    return problems


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("wanted", nargs="*")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--accounts", type=Path, default=Path("var/demo/site-accounts.json"))
    given = parser.parse_intermixed_args()
    given.out.mkdir(parents=True, exist_ok=True)
    raise SystemExit(
        1 if shoot(given.out, given.url, json.loads(given.accounts.read_text("utf-8")), given.wanted) else 0
    )

"""A walk through the site that writes itself down: each click by its words, with the page that it leads to."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyotp

from qingmiao.site.web.ui.context import GROUPS

ROOT = Path(__file__).resolve().parents[3]
SAID_IN = (
    "src/qingmiao/site/web/**/*.html", "src/qingmiao/site/web/**/*.py", "src/qingmiao/flow/*.py",
    "content/china/**/*.yaml", "src/qingmiao/figures/english/*.yaml",
)  # fmt: skip
"""Where the words of pages stand in both languages, the Chinese before the English."""
TODAY = re.compile(r"(?<=今天)\s+\d{4}-\d\d-\d\d\s*$")
"""The date in the heading of everybody's first page."""
GROUPS_EN = dict(GROUPS.values())
"""The menus of the navigation in English."""
Words = tuple[str, str]
"""What stands on a page, in Chinese and in English."""


class Walk:
    """What was done so far, as the lines of a page of the docs."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.said: list[Words] = []
        self.number = 0

    def chapter(self, zh: str, en: str) -> None:
        """What follows belongs under this heading."""
        self.lines += ["", f"## {zh} {en}", "", "| 步 | 谁 Who | 做什么 Does | 到哪一页 On page | 看到 Sees |"]
        self.lines.append("|---|---|---|---|---|")

    def step(self, who: Words, does: Words, page: str) -> None:
        """One thing that somebody did and the page that was open then."""
        self.number += 1
        self.lines.append(f"| {self.number} | {'<br>'.join(who)} | {'<br>'.join(does)} | {page} |  |")

    def seen(self, words: Words) -> None:
        """What stood on the page after the last step."""
        before, sep = self.lines[-1].removesuffix(" |").rsplit("|", 1)
        zh, en = (w.strip("，。, .") for w in words)
        told = "；".join(filter(None, (sep.strip(), f"{zh} *{en}*" if en else zh)))
        self.lines[-1] = f"{before}| {told} |"


class Walker:
    """Somebody in a browser of their own, who goes only where the pages lead."""

    def __init__(self, walk: Walk, page: Any, who: Words) -> None:
        self.walk, self.page, self.who = walk, page, who

    def log_in(self, account: dict[str, str]) -> Walker:
        """By password and one-time code; the first steps are read and put away."""
        self.page.goto("/")
        self.page.fill("#username", account["username"])
        self.page.fill("#password", account["password"])
        self.click("下一步", "Next", role="button", before=("填写用户名和口令，", "fill in user name and password, "))
        self.page.fill("#code", pyotp.TOTP(account["totp"]).now())
        self.click("登录", "Log in", role="button", before=("填写手机上的动态口令，", "fill in the one-time code, "))
        self.sees("，欢迎使用青苗。", ", welcome to Qingmiao.")
        return self.click("知道了，不再显示", "Understood; do not show again", role="button")

    def nav(self, zh: str, en: str) -> Walker:
        """An entry of the navigation on top; one that stands in a menu after the menu was opened."""
        words = re.compile(rf"^\s*{re.escape(zh)}\s*$")
        menu = self.page.locator(
            ".main-nav details", has=self.page.get_by_role("link", name=words, include_hidden=True)
        )
        if menu.count():
            menu.locator("summary").click()
            name = str(menu.locator("summary").inner_text()).strip()
            before = (f"在上方导航打开“{name}”，", f"on top, open “{GROUPS_EN[name]}”, ")
            return self.click(zh, en, within=".main-nav", before=before, exact=True)
        return self.click(zh, en, within=".main-nav", before=("在上方导航", "on top, "), exact=True)

    def click(
        self,
        zh: str,
        en: str,
        *,
        role: str = "link",
        within: str = "main",
        before: Words = ("", ""),
        exact: bool = False,
    ) -> Walker:
        """A link or button by its words, which leads to another page (or to the same one anew)."""
        words = re.compile(rf"^\s*{re.escape(zh)}\s*$") if exact else zh
        with self.page.expect_navigation():
            self.page.locator(within).get_by_role(role, name=words).first.click()
        return self.did((f"{before[0]}点“{zh}”", f"{before[1]}click {f'“{en}”' if en else 'it'}"), [(zh, en)])

    def press(self, zh: str, en: str, *, role: str = "button", within: str = "main") -> Walker:
        """Something that opens or changes a part of the page that stays."""
        self.page.locator(within).get_by_role(role, name=zh).first.click()
        return self.did((f"点“{zh}”", f"click “{en}”"), [(zh, en)])

    def fill(self, zh: str, en: str, text: str) -> Walker:
        """A field by its words."""
        self.page.locator("main").get_by_label(zh).first.fill(text)
        return self.did((f"在“{zh}”填写“{text}”", f"fill in “{en}”"), [(zh, en)])

    def choose(self, zh: str, en: str, option: str, *, within: str = "main") -> Walker:
        """An option of a choice by its words."""
        self.page.locator(within).get_by_label(zh).first.select_option(label=option)
        return self.did((f"在“{zh}”选择“{option}”", f"choose in “{en}”"), [(zh, en)])

    def types(self, figures: dict[str, str]) -> Walker:
        """Figures into cells of the grid, by the keyboard; they are kept by themselves."""
        self.page.locator("table[role=grid]").wait_for()
        for code, text in figures.items():
            self.page.locator(f'[data-cell="{code}"] input').click()
            self.page.keyboard.press("Delete")
            self.page.keyboard.type(text)
            self.page.keyboard.press("Enter")
        self.kept()
        told = "、".join(f"{code} 格 {text}" for code, text in figures.items())
        return self.did((f"在表格中填写 {told}", "type into the grid"))

    def explains(self, text: str) -> Walker:
        """The reason of a figure that a rule asks about."""
        said = self.page.locator("textarea[data-explain], .sheet-panel textarea").first
        said.fill(text)
        said.blur()
        self.kept()
        return self.did((f"在核实项下说明“{text}”", "explain the query"))

    def kept(self) -> None:
        """Until everything typed is saved."""
        self.page.locator(".sheet-saved[data-state=clean]").wait_for()

    def sees(self, zh: str, en: str = "", *, within: str = "main", kept: bool = True) -> Walker:
        """Words that stand on the page."""
        self.page.locator(within).get_by_text(zh).first.wait_for()
        if kept:
            self.walk.seen((zh, en))
            self.walk.said += [(zh, en)] if en else []
        return self

    def stands(self, zh: str, en: str) -> Walker:
        """The step of a flow at which what the page is about stands."""
        assert self.page.locator(".steps [aria-current]").inner_text() == zh
        return self.sees(zh, en, within=".steps [aria-current]")

    def did(self, does: Words, said: Iterable[Words] = ()) -> Walker:
        """Something was done; the page that is open now goes with it."""
        self.walk.said += [words for words in said if words[1]]
        self.walk.step(self.who, does, self.where())
        return self

    def where(self) -> str:
        """The heading and address of the page, without numbers that differ from site to site, nor the day of the
        walk."""
        heading = " ".join(TODAY.sub("", self.page.locator("h1").first.inner_text()).split())
        return f"{heading.replace('|', '｜')} `{re.sub(r'[0-9]+(?=/|$)', 'N', urlsplit(self.page.url).path)}`"


def not_in_english(said: Iterable[Words]) -> list[Words]:
    """The words whose English stands nowhere behind their Chinese in what the site is made of."""
    return [(zh, en) for zh, en in dict.fromkeys(said) if not re.search(_beside(zh, en), _everything())]


def _beside(zh: str, en: str) -> str:
    """Either may stand within more words: 请核实 in 请核实说明."""
    rest = r'[^"\n]*'
    return rf"{re.escape(zh)}{rest}[\",:][\s,:\"]*(?:en:)?[\s\"]*{rest}{re.escape(en)}"


@functools.cache
def _everything() -> str:
    """One text, read once a process."""
    return "\n".join(p.read_text("utf-8") for pattern in SAID_IN for p in sorted(ROOT.glob(pattern)))

"""Write the pages of docs/reference/programmes from the programmes of the shared content: a diagram and the handbook's
page of each (`--check`: exit 1 when one is stale)."""

from __future__ import annotations

import sys
from pathlib import Path

from qingmiao.casework.handbook import HandbookPage, handbook_pages, markdown
from qingmiao.casework.telling import role_word
from qingmiao.content import load_pack
from qingmiao.content.programme_changes import programmes_of
from qingmiao.content.roles import all_roles
from qingmiao.flow import pages

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference" / "programmes"
HEAD = "本页由服务项目的文件印出（`python tools/programme_docs.py`），不要手改。"
PACK = load_pack(ROOT / "content" / "china")
ROLES = all_roles(PACK)


def _role(name: str) -> str:
    return role_word(ROLES[name].label.zh)


def _page(page: HandbookPage) -> str:
    flow = programmes_of(PACK)[page.id].flow
    title, *rest = markdown(page)
    return "\n".join([title, "", HEAD, "", *pages.diagram(flow, _role), *rest, ""])


def _index(found: list[HandbookPage]) -> str:
    lines = ["# 服务项目", "", HEAD + "印成手册：`qingmiao handbook 内容包 --out 文件夹`。", ""]
    return "\n".join([*lines, *(f"- [{p.title}]({p.id}.md)" for p in found), ""])


def made() -> dict[str, str]:
    """Every page by the name of its file."""
    found = handbook_pages(PACK)
    return {f"{p.id}.md": _page(p) for p in found} | {"README.md": _index(found)}


def stale(wanted: dict[str, str]) -> list[str]:
    """The files that are not there, say something else or belong to no programme any more."""
    there = {p.name: p.read_text("utf-8") for p in FOLDER.glob("*.md")}
    return sorted(n for n in there.keys() | wanted if there.get(n) != wanted.get(n))


if __name__ == "__main__":
    wanted = made()
    if "--check" in sys.argv:
        sys.exit(bool(stale(wanted)))
    FOLDER.mkdir(exist_ok=True)
    for name in stale(wanted):
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], "utf-8")
        else:
            (FOLDER / name).unlink()

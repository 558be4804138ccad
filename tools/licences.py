"""Write docs/reference/licences.md from the locks and the packages' own metadata (`--check`: exit 1 when stale).

A package that is in a lock but not installed here (another platform, the optional Spark) keeps the licence that the
page has, and is marked when it never had one; `--check` compares only what is installed in the locked version.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "licences.md"
LOCKS = {
    "dev.txt": "运行、测试", "build.txt": "安装时构建", "node.txt": "安装时取 Node", "spark.txt": "可选的 Spark",
}  # fmt: skip
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", re.MULTILINE)
ROW = re.compile(r"^\| ([^|`]+) \| ([^|]+) \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
UNKNOWN = "没有写明"
UNSEEN = "打印时没有安装，未核对"
HEAD = """# 依赖的许可

本页由锁文件和各软件包自己的元数据打印（`python tools/licences.py`，`make lock` 之后再跑一次），不要手改。许可照录软件包的写法。

| 软件包 | 版本 | 许可 | 用处 |
|---|---|---|---|
"""


def page(known: dict[tuple[str, str], str]) -> str:
    """The page; `known`: (name, version) → the licence of packages that are not installed here."""
    rows: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for lock, use in LOCKS.items():
        for name, version in PINNED.findall((ROOT / "requirements" / lock).read_text("utf-8")):
            key = (name.lower().replace("_", "-"), version)
            rows.setdefault(key, (installed(name, version) or known.get(key, UNSEEN), []))[1].append(use)
    packages = json.loads((ROOT / "frontend" / "package-lock.json").read_text("utf-8"))["packages"]
    for path, given in packages.items():
        if path:
            use = "构建网页的脚本" if given.get("dev") else "网页的脚本"
            key = (path.rpartition("node_modules/")[2], given["version"])
            rows.setdefault(key, (given.get("license", UNKNOWN), []))[1].append(use)
    lines = [f"| {n} | {v} | {licence} | {'、'.join(uses)} |\n" for (n, v), (licence, uses) in sorted(rows.items())]
    return HEAD + "".join(lines)


def installed(name: str, version: str) -> str:
    """The licence that the installed package states; "" when it is not installed in this version."""
    try:
        found = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    if found["Version"] != version:
        return ""
    if expression := found.get("License-Expression"):
        return str(expression)
    classes = [c.rpartition(" :: ")[2] for c in found.get_all("Classifier") or [] if c.startswith("License ::")]
    text = str(found.get("License") or "").strip()
    first = text.splitlines()[0] if text else ""
    told = "、".join(dict.fromkeys(c for c in classes if c != "OSI Approved")) or (first if len(text) <= 100 else "")
    return told.replace("|", "/") or UNKNOWN


def main() -> int:
    """Write the page, or compare it."""
    was = PAGE.read_text("utf-8") if PAGE.exists() else ""
    known = {(name, version): licence for name, version, licence, _ in ROW.findall(was)}
    made = page(known)
    if "--check" in sys.argv:
        plain = ROW.findall(page({}))
        seen = {(n, v): licence for n, v, licence, _ in plain if licence != UNSEEN and known.get((n, v)) != UNSEEN}
        same = {(n, v) for n, v, *_ in plain} == set(known) and all(known[key] == told for key, told in seen.items())
        return 0 if same else 1
    PAGE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

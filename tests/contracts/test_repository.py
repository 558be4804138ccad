"""What the repository promises about itself: no addresses, reasons for dependencies, no county in Python, true
README."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from qingmiao.cli import COMMANDS, main
from qingmiao.content import load_pack

ROOT = Path(__file__).parents[2]


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def texts(*patterns: str) -> list[tuple[Path, str]]:
    found = []
    for path in tracked(*patterns):
        try:
            found.append((path, path.read_text("utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_no_address_of_a_registry_stands_in_the_repository() -> None:
    address = re.compile(r'"resolved" *:|https?://[^ "]*/simple\b|--(?:extra-)?index-url[ =]|^registry *=', re.M)
    here = Path(__file__).name
    bad = [p.relative_to(ROOT).as_posix() for p, text in texts() if address.search(text) and p.name != here]
    assert bad == []


def test_no_path_of_one_machine_stands_in_the_repository() -> None:
    machine = re.compile(r"(?:^|[^a-z.])/(?:w[o]rk|r[o]ot|h[o]me)/")
    bad = [p.relative_to(ROOT).as_posix() for p, text in texts() if machine.search(text)]
    assert bad == []


def test_a_wheel_carries_every_file_that_the_program_reads() -> None:
    """What is tracked beside Python, and what set-up builds: the fonts of reports and of pages."""
    package = ROOT / "src" / "qingmiao"
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    taken = {p for g in settings["tool"]["setuptools"]["package-data"]["qingmiao"] for p in package.glob(g)}
    built = [package / "site/web/ui/built/fonts/a.woff2", package / "report/built_fonts/NotoSerifSC_400Regular.ttf"]
    needed = {p for p in tracked("src/qingmiao") if p.suffix not in (".py", ".md")}
    needed |= {p for b in built for p in b.parent.glob("*") if p.is_file()}
    assert {p.suffix for p in needed} >= {".woff2", ".ttf", ".html", ".csv", ".typ"}
    assert needed - taken == set()


def test_every_direct_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = [d for group in project["dependency-groups"].values() for d in group if isinstance(d, str)]
    named = [*project["project"]["dependencies"], *groups]
    named += [d for extra in project["project"]["optional-dependencies"].values() for d in extra]
    reasons = (ROOT / "requirements/README.md").read_text("utf-8").lower()
    names = [re.split(r"[><=\[; ]", n)[0].lower() for n in named]
    assert [n for n in names if n not in reasons and not n.startswith("types-")] == []


def test_no_page_reads_rows_of_the_database() -> None:
    """The web shows what an app's api gives it. Those named still read rows; the list only grows shorter."""
    rows = re.compile(r"\.(?:objects|_default_manager)\b")
    found = {
        p.relative_to(ROOT / "src/qingmiao/site/web").as_posix()
        for p, text in texts("src/qingmiao/site/web/**/*.py")
        if rows.search(text)
    }
    assert found <= {
        "console/acting/activities.py",
        "console/acting/tasks.py",
    }  # fmt: skip


def test_no_place_of_a_county_stands_in_the_source() -> None:
    """Every area of the county's pack, its towns included: in code, messages, docstrings, templates and scripts."""
    names = {a.name for a in load_pack(ROOT / "content/xiangning").areas.values()} - {"全国", "中国", "山西省"}
    assert len(names) >= 11
    source = texts("src/**/*.py", "src/**/*.html", "frontend/src/**/*.ts", "frontend/src/**/*.js")
    assert len(source) > 500
    assert [(p.name, n) for p, text in source for n in names if n in text] == []


@pytest.mark.parametrize("lock", ["build.txt", "dev.txt", "node.txt"])
def test_locks_are_hashed(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text("utf-8")
    pinned = re.findall(r"^[A-Za-z0-9][^ ]*==", text, re.M)
    assert pinned
    assert text.count("--hash=sha256:") >= len(pinned)


@pytest.mark.parametrize("pack", ["content/xiangning", "content/outline-2030"])
def test_python_knows_no_county_and_no_indicator(pack: str) -> None:
    loaded = load_pack(ROOT / pack)
    assert loaded.root_area is not None
    words = {loaded.root_area.name, *loaded.indicators, *loaded.returns} - {"全国", "中国"}
    source = dict(texts("src/**/*.py"))
    quoted = {w: [f'"{w}"', f"'{w}'"] for w in words}
    bad = [(p.name, w) for p, text in source.items() for w, forms in quoted.items() if any(f in text for f in forms)]
    assert bad == []


def test_the_readme_names_real_targets_and_commands() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for readme in ("README.md", "README.en.md"):
        text = (ROOT / readme).read_text("utf-8")
        for target in re.findall(r"^make ([a-z-]+)", text, re.M):
            assert re.search(rf"^{target}:", makefile, re.M), f"{readme}: make {target}"
        for command in re.findall(r"qingmiao ([a-z][a-z-]*)", text):
            assert command in COMMANDS, f"{readme}: qingmiao {command}"
    chinese = (ROOT / "README.md").read_text("utf-8")
    assert [c for c in COMMANDS if c not in chinese] == []


def test_the_readme_explains_an_indicator_that_there_is() -> None:
    from qingmiao.content import load_pack

    known = load_pack(ROOT / "content" / "xiangning").indicators
    for name in ("README.md", "README.en.md", "Makefile"):
        for indicator in re.findall(
            r"qingmiao explain ([a-z][a-z0-9_.]+\.[a-z0-9_.]+)", (ROOT / name).read_text("utf-8")
        ):
            assert indicator in known, f"{name}: {indicator}"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0, result.output
    assert "用法" in result.output


@pytest.mark.parametrize("document", ["README.md", "README.en.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    links = [x for x in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in x]
    assert [x for x in links if not (ROOT / x).exists()] == []


def test_every_make_target_that_is_named_is_run() -> None:
    """By .ci/run, by another target that it runs, or by the nightly list, which says when it last ran."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.M))
    named = {"setup", "demo", "test", "check"}
    for _, text in texts("README*.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "docs/**/*.md", "tools/setup-*"):
        named |= set(re.findall(r"\bmake ([a-z][a-z-]*)", text)) & targets
    run = set(re.findall(r"\bmake ([a-z][a-z-]*)", (ROOT / ".ci/run").read_text("utf-8")))
    nightly = yaml.safe_load((ROOT / "docs/reference/nightly.yaml").read_text("utf-8"))
    commands = [task["command"] for task in nightly.values()]
    run |= {word for command in commands for word in re.findall(r"^make ([a-z-]+)$", command)}
    needs = dict(re.findall(r"^([a-z][a-z-]*):([^#\n]*)", makefile, re.M))
    for _ in needs:
        run |= {word for target in run for word in needs.get(target, "").split() if word in targets}
    people = {
        "demo",
        "demo-reset",
        "format",
        "clean",
        "help",
        "nightly",
    }  # demo-once runs what demo runs, then ends
    assert named - run - people == set()
    missing = {p.name for p in tracked("benchmarks/*.py")} - {"bare_site.py", "standards_peers.py"}
    assert {b for b in missing if not any(f"benchmarks/{b}" in c for c in commands)} - {"kills.py"} == set()
    for name, task in nightly.items():
        assert set(task) == {"command", "why", "last"}, name
        assert task["last"] == "never" or set(task["last"]) == {"date", "commit", "seconds", "ended"}, name

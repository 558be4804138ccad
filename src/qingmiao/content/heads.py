"""pack.toml: a pack's head, and the order in which a pack and those that it extends are layered."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any

from qingmiao.content.pack_files import shown_path
from qingmiao.content.yaml_source import read_text
from qingmiao.kernel.errors import Fault

HEAD_KEYS = {"id", "title", "title_en", "version", "extends", "licence", "note"}
LARGEST_HEAD = 16_000
"""Characters of pack.toml; TOML's reader takes quadratic time on hostile keys."""

Head = dict[str, Any]


def read_heads(root: Path, faults: list[Fault]) -> list[tuple[Path, Head]]:
    """The folders to layer with their heads, depth first: what is extended comes before what extends it, each once."""
    done: dict[Path, Head] = {}
    _add(root.resolve(), done, (), Fault(shown_path(root / "pack.toml"), 0, "", ""), faults)
    return list(done.items())


def _add(root: Path, done: dict[Path, Head], above: tuple[Path, ...], asked: Fault, faults: list[Fault]) -> None:
    """`asked` is the place that names this folder: the extending pack's head, or the path that was given."""
    if root in above:
        hint = "从 extends 里去掉其中一个"
        faults.append(Fault(asked.file, asked.line, "extends_circle", "extends 成环", "extends", hint))
        return
    if root in done:
        return
    path = root / "pack.toml"
    if not _is_file(path):
        where = f"「{shown_path(root)}」里没有 pack.toml，那里不是内容包" if above else "没有 pack.toml，这里不是内容包"
        hint = "检查 extends 的路径" if above else "用 qingmiao new-pack 新建内容包，或检查路径"
        place = "extends" if above else ""
        faults.append(Fault(asked.file, asked.line, "no_pack", where, place, hint))
        return
    head, text = _read(path, faults)
    if head is None:
        return
    here = Fault(shown_path(path), _line_of(text, "extends"), "", "")
    for other in head.get("extends", []):
        try:
            target = (root / other).resolve()
        except (ValueError, OSError, RuntimeError):
            target = None
        if target is None or not other.strip():
            message = f"extends 的路径「{other[:60]}」不能用"
            faults.append(Fault(here.file, here.line, "wrong_value", message, "extends", '写成 "../china" 这样'))
            continue
        _add(target, done, (*above, root), here, faults)
    done[root] = head


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _read(path: Path, faults: list[Fault]) -> tuple[Head | None, str]:
    """The head with the faults of its form, and its text; None where nothing can be read."""
    shown = shown_path(path)
    text, problem = read_text(path)
    if problem is not None:
        line, code, message, hint = problem
        faults.append(Fault(shown, line, code, message, hint=hint))
        return None, ""
    if len(text) > LARGEST_HEAD:
        faults.append(Fault(shown, 0, "too_large", f"pack.toml 超过 {LARGEST_HEAD} 字", hint="内容写进各文件夹"))
        return None, ""
    try:
        head = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as e:
        at = re.search(r"at line (\d+)", str(e))
        line = int(at.group(1)) if at else 0
        reason = "嵌套太深" if isinstance(e, RecursionError) else "这一行的写法读不懂"
        hint = '一行一个键，写成 id = "…"；文字加引号，同一个键只写一次'
        faults.append(Fault(shown, line, "toml_syntax", f"TOML 语法错误：{reason}", hint=hint))
        return None, ""

    def fault(key: str, code: str, message: str, hint: str) -> None:
        faults.append(Fault(shown, _line_of(text, key), code, message, place=key[:60], hint=hint))

    unknown = [k for k in head if k not in HEAD_KEYS]
    for key in ("id", "title", "version"):
        if key in head and head[key] != "":
            continue
        meant = difflib.get_close_matches(key, unknown, n=1, cutoff=0.6)
        if meant:
            unknown.remove(meant[0])
            fault(meant[0], "unknown_key", f"不认识的键「{meant[0][:60]}」", f"是不是想写「{key}」（它必须写）")
        else:
            fault(key, "missing_key", f"缺少 {key}", f'写 {key} = "…"')
    for key, value in head.items():
        if key in unknown:
            near = difflib.get_close_matches(key.lower(), HEAD_KEYS, n=1, cutoff=0.6)
            hint = f"是不是想写「{near[0]}」" if near else f"可用：{'、'.join(sorted(HEAD_KEYS))}"
            fault(key, "unknown_key", f"不认识的键「{key[:60]}」", hint)
        elif key not in HEAD_KEYS:
            continue
        elif key != "extends" and not isinstance(value, str):
            fault(key, "wrong_type", f"{key} 应为文字", f'加引号：{key} = "…"')
    extends = head.get("extends", [])
    if not isinstance(extends, list) or not all(isinstance(x, str) for x in extends):
        fault("extends", "wrong_type", "extends 应为路径列表", '写成 extends = ["../china"]')
        head["extends"] = []
    return head, text


def _line_of(text: str, key: str) -> int:
    """The line on which a key is written; 0 where it is not."""
    found = re.search(rf"^\s*\[*\"?{re.escape(key)}\b", text, flags=re.M)
    return text.count("\n", 0, found.end()) + 1 if found else 0

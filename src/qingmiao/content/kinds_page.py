"""The reference page of content kinds, printed from the registry (docs/reference/content-kinds.md)."""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.kind import ContentKind
from qingmiao.content.kinds import KINDS

_SIDES = {"measured": "有监测", "operated": "有办理"}


def page() -> str:
    """The whole page as Markdown: every kind with its folder, its keys, what it refers to and what serving means."""
    lines = [
        "# 内容的种类",
        "",
        "本页由登记表打印（`python tools/content_docs.py`），不要手改。每一种内容是 `src/qingmiao/content/kinds.py` 里的一行；",
        "逐键的类型和说明见 `qingmiao schema 文件夹` 写出的 JSON Schema。*斜体* 的键可以不写。",
        "",
    ]
    for kind in KINDS.values():
        lines += [*_kind(kind), ""]
    return "\n".join(lines).rstrip() + "\n"


def folders() -> str:
    """One line a kind: its folder and what it holds."""
    return "\n".join(f"- `{kind.folder}/` {kind.title}（{kind.title_en}）" for kind in KINDS.values())


def _kind(kind: ContentKind) -> Iterator[str]:
    yield f"## `{kind.folder}/` {kind.title}"
    yield ""
    yield f"{kind.title_en}. {' '.join((kind.model.__doc__ or '').split(chr(10) * 2)[0].split())}"
    yield ""
    told = f"`{kind.key}`" if kind.key is not None else "、".join(f"`{k}`" for k in kind.told_apart)
    yield f"- 一个文件写{'一条或多条' if kind.many else '一条'}；以 {told} 区分。"
    named = [f.alias or n for n, f in kind.model.model_fields.items() if f.is_required()]
    others = [f.alias or n for n, f in kind.model.model_fields.items() if not f.is_required()]
    yield "- 键：" + "、".join([*(f"`{n}`" for n in named), *(f"*`{n}`*" for n in others)])
    for reference in kind.refers:
        yield f"- `{reference.path}`：`{reference.folder}/` 里的一条（{reference.word}）。"
    if kind.serving is not None:
        side = "由条目而定" if callable(kind.serving) else _SIDES[kind.serving]
        yield f"- `serves` 所列的制度、措施、职责在 `qingmiao coverage` 里记为{side}。"

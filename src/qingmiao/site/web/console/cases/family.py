"""The family of a case's child drawn as a small tree: who is in which row, where the boxes and lines are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qingmiao.content.base import Label
from qingmiao.site.apps.cases import api
from qingmiao.site.web.ui.language import t

WIDE, HIGH, GAP, ROW = 128, 54, 16, 96
"""Width and height of a box, the gap between two, and from row to row, in units of the drawing."""
ELDERS, PARENTS = ("grandmother", "grandfather"), ("father", "mother")
"""Codes of kinship that stand above the parents, and in the parents' row from the left; any other stands beside."""
OWN = Label(zh="本人", en="the child")
SIBLING = Label(zh="兄弟姐妹", en="brother or sister")


@dataclass(frozen=True)
class TreeBox:
    """A person of the tree. `marks`: guardian, carer; `own`: whom the case is about; `lines`: from which boxes."""

    x: int
    y: int
    name: str
    kind: Label
    marks: tuple[str, ...]
    own: bool = False
    child: int = 0
    """The number of a brother's or sister's file."""

    @property
    def middle(self) -> int:
        """Where its lines begin and end."""
        return self.x + WIDE // 2

    @property
    def below(self) -> int:
        """Its lower edge."""
        return self.y + HIGH


@dataclass(frozen=True)
class TreeLine:
    """A line: of descent, or dashed of another relation. `path`: as an SVG has it."""

    path: str
    other: bool


@dataclass(frozen=True)
class FamilyTree:
    """The drawing, and its boxes for a list of words beside it."""

    width: int
    height: int
    boxes: tuple[TreeBox, ...]
    lines: tuple[TreeLine, ...]
    wide: int = WIDE
    high: int = HIGH


def family_tree(found: api.FamilyBrief) -> FamilyTree:
    """Grandparents above, parents and others who stand to the child in the middle, the child with brothers and sisters
    below, the child first."""
    elders = [r for r in found.relatives if r.code in ELDERS]
    parents = sorted((r for r in found.relatives if r.code in PARENTS), key=lambda r: PARENTS.index(r.code))
    others = [r for r in found.relatives if r.code not in (*ELDERS, *PARENTS)]
    rows = [[*elders], [*parents, *others]]
    used = [row for row in rows if row]
    longest = max(1 + len(found.siblings), *(len(row) for row in used), 1)
    width = longest * (WIDE + GAP) - GAP
    boxes: list[TreeBox] = []
    by: dict[str, list[TreeBox]] = {"elders": [], "parents": [], "others": []}
    for n, row in enumerate(used):
        for x, one in zip(_places(len(row), width), row, strict=True):
            box = TreeBox(x, n * ROW, one.name, one.kind, tuple(_marks(one.guardian, one.carer, one.sealed)))
            boxes.append(box)
            by["elders" if one in elders else "parents" if one in parents else "others"].append(box)
    last = len(used) * ROW
    young = [(found.child, ()), *found.siblings]
    below = []
    for n, (x, (child, _)) in enumerate(zip(_places(len(young), width), young, strict=True)):
        below.append(
            TreeBox(x, last, child.name, OWN if n == 0 else SIBLING, (), n == 0, 0 if n == 0 else child.number)
        )
    own, lines = below[0], []
    for box, (_, shared) in zip(below, young, strict=True):
        for parent in by["parents"]:
            if box.own or parent.name in shared:
                lines.append(_line(parent, box, other=False))
    lines += [_line(box, own, other=True) for box in (*by["elders"], *by["others"])]
    return FamilyTree(width, last + HIGH, (*boxes, *below), tuple(lines))


def _places(count: int, width: int) -> list[int]:
    """The left edges of so many boxes, in the middle of a width."""
    taken = count * (WIDE + GAP) - GAP
    return [(width - taken) // 2 + n * (WIDE + GAP) for n in range(count)]


def _line(above: TreeBox, below: TreeBox, *, other: bool) -> TreeLine:
    """From the lower edge of one to the upper edge of the other, across half-way between their rows."""
    half = below.y - (ROW - HIGH) // 2
    return TreeLine(f"M{above.middle} {above.below}V{half}H{below.middle}V{below.y}", other)


def _marks(guardian: bool, carer: bool, sealed: bool) -> Iterable[str]:
    if guardian:
        yield t("监护人", "guardian")
    if carer:
        yield t("受委托照护人", "carer")
    if sealed:
        yield t("受保护的关系", "protected")

"""Purposes (用途): for what a child's or mother's file may be read, by whom, on which legal ground, and how long it is
kept for it.

Every look into a file is written down with one of these. Adding one is one file in `purposes/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from qingmiao.content.base import Content, Id, Label, Name, Source
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.intervals import LifeInterval, SourcedInterval
from qingmiao.content.pack import Pack
from qingmiao.content.policy import Policy
from qingmiao.content.records import Subject
from qingmiao.content.roles import RoleItem, grants
from qingmiao.kernel.errors import Fault

CATEGORIES = "data_category"
"""The code list of the categories of data."""
SENSITIVE_UNDER = 14
"""Years: what is about a child below this age is sensitive personal information (个人信息保护法第二十八条、第三十一条)."""
KEPT_FROM = {"last_record": "最后一条健康记录", "left": "迁出或死亡", "adult": "年满十八周岁"}
"""From when the time is counted for which a file is kept for a purpose."""


class Retention(Content):
    """How long a file is kept for a purpose: `within` after the event `after`. No time set: it is kept, and the report
    on compliance says so."""

    after: Literal["last_record", "left", "adult"]
    within: SourcedInterval


class Purpose(Content):
    """One purpose. `roles`: whose work it is. `basis`: a duty or ground of law, or the guardian's consent, which is
    asked for each child and may be withdrawn. `use`: the daily `work` of the roles, the `emergency` of broken glass, or
    answering a guardian's `request`. `data`: codes of the categories that it needs."""

    id: Id
    label: Label
    of: Annotated[tuple[Subject, ...], Field(min_length=1)] = ("child",)
    roles: tuple[Name, ...] = ()
    use: Literal["work", "emergency", "request"] = "work"
    basis: Literal["law", "consent"]
    data: Annotated[tuple[Name, ...], Field(min_length=1)]
    keep: Retention
    source: Source
    note: str = ""

    @property
    def setting(self) -> str:
        """The name under which a county sets how long files are kept for it, in `intervals` of its policy."""
        return f"purpose.{self.id}"

    def kept(self, policy: Policy) -> LifeInterval | None:
        """How long files are kept for it; None where no document sets it and the county has not."""
        return self.keep.within.set_to(policy.intervals.get(self.setting))


def purposes_of(pack: Pack) -> dict[str, Purpose]:
    """The pack's purposes by id."""
    return pack.entries("purposes", Purpose)


def check_purposes(pack: Pack) -> Iterator[Fault]:
    """Roles and categories exist, a role sees the files that its purpose is about, and no role that sees files is
    without a purpose; broken glass and requests have theirs."""
    found = purposes_of(pack)
    codes = {i.code for i in pack.codes[CATEGORIES].items} if CATEGORIES in pack.codes else set()
    for purpose in found.values():
        for n, role in enumerate(purpose.roles):
            if unknown(pack, pack.roles, role):
                message = f"roles 提到没有的角色「{role}」"
                yield _fault(
                    pack, purpose, message, near(role, pack.roles), ("roles", n), "dangling_id", f"roles/{role}"
                )
            elif role in pack.roles and not any(_sees(pack.roles, role, of) for of in purpose.of):
                message = f"角色「{role}」看不到这类档案，不会有这个用途"
                yield _fault(pack, purpose, message, "删去这个角色，或在角色里写 children、mothers", ("roles", n))
        if purpose.basis == "consent" and (purpose.use != "work" or "mother" in purpose.of):
            message = "征得同意的用途只能是对儿童档案的日常工作"
            yield _fault(pack, purpose, message, "of 写 [child]，不写 use；其余的写 basis: law", ("basis",))
        if purpose.use == "work" and not purpose.roles:
            yield _fault(pack, purpose, "没有写 roles（谁的工作）", "写出角色；紧急查阅和答复申请写 use", ("roles",))
        for n, code in enumerate(purpose.data):
            if code not in codes and not pack.lends(CATEGORIES):
                message = f"data 提到代码表 {CATEGORIES} 里没有的「{code}」"
                yield _fault(pack, purpose, message, near(code, codes), ("data", n), "dangling_id")
    yield from _missing(pack, found)


def _missing(pack: Pack, found: dict[str, Purpose]) -> Iterator[Fault]:
    """What is looked into without a purpose."""
    if pack.lent:
        return
    for role in pack.roles.values():
        held = grants(pack.roles, role.id)
        for of in ("child", "mother"):
            mine = [p for p in found.values() if p.use == "work" and of in p.of and held & set(p.roles)]
            if _sees(pack.roles, role.id, of) and not mine:
                message = f"角色「{role.id}」看得到{'儿童' if of == 'child' else '孕产妇'}档案，没有一个用途写到它"
                hint = "在 purposes/ 的一个用途的 roles 里写上它"
                yield fault_at(pack, "roles", role.id, "missing_purpose", message, hint)
    seeing = [r.id for r in pack.roles.values() if r.children is not None]
    for use, words in (("emergency", "紧急查阅"), ("request", "答复监护人的申请")):
        if seeing and not any(p.use == use for p in found.values()):
            message = f"没有{words}的用途（use: {use}）"
            yield fault_at(
                pack, "roles", min(seeing), "missing_purpose", message, f"加 purposes/ 里的一个，写 use: {use}"
            )


def _sees(roles: dict[str, RoleItem], role: str, of: str) -> bool:
    items = (roles[g] for g in grants(roles, role) if g in roles)
    return any((r.children if of == "child" else r.mothers) is not None for r in items)


def _fault(
    pack: Pack, purpose: Purpose, message: str, hint: str, at: tuple[str | int, ...], code: str = "wrong_value",
    subject: str = "",
) -> Fault:  # fmt: skip
    return fault_at(pack, "purposes", purpose.id, code, message, hint, at=at, subject=subject)

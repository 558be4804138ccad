"""Do the roles of a pack hold together, and are those there that the house's flows and pages name?"""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.pack import Pack
from qingmiao.content.roles import ADMINISTRATORS, BUILT_IN, HOUSE, WORDS, RoleItem, Scope, all_roles, grants
from qingmiao.kernel.errors import Fault

LOCAL = "本县设置"
"""What the note of a role says whose limits no document sets."""


def check_roles(pack: Pack) -> Iterator[Fault]:
    """Ids are free, what a role is like exists without a circle, exclusion is mutual, the house's roles are there, and
    each says where its limits come from: a document, or the county's own setting."""
    if not pack.roles:
        return
    known = all_roles(pack)
    for role in pack.roles.values():
        if role.id in BUILT_IN or role.id in WORDS:
            message = f"角色「{role.id}」是内置的，不能另写"
            yield fault_at(pack, "roles", role.id, "duplicate_id", message, "换一个 id", at=("id",))
        for key, named in (("like", role.like), ("excludes", role.excludes)):
            for n, other in enumerate(named):
                if unknown(pack, known, other):
                    message = f"{key} 提到没有的角色「{other}」"
                    subject = f"roles/{other}"
                    yield fault_at(
                        pack, "roles", role.id, "dangling_id", message, near(other, known), at=(key, n), subject=subject
                    )
        for n, other in enumerate(role.like):
            if other in ADMINISTRATORS:
                message, hint = f"角色不能 like 管理员「{other}」", "管理员是三个人，权限不能并入别的角色"
                yield fault_at(pack, "roles", role.id, "wrong_value", message, hint, at=("like", n))
            elif role.id in _like(known, other):
                message, hint = f"角色 like 成环：{role.id} → {other} → … → {role.id}", "改 like"
                yield fault_at(pack, "roles", role.id, "circle", message, hint, at=("like", n))
        for n, other in enumerate(role.excludes):
            if other in pack.roles and role.id not in pack.roles[other].excludes:
                message, hint = f"角色「{other}」没有同样写 excludes: [{role.id}]", "两边都写，或两边都不写"
                yield fault_at(pack, "roles", role.id, "wrong_value", message, hint, at=("excludes", n))
            if other in _like(known, role.id) | {role.id}:
                message = f"角色「{role.id}」排斥它自己包含的「{other}」"
                yield fault_at(
                    pack, "roles", role.id, "wrong_value", message, "改 like 或 excludes", at=("excludes", n)
                )
        if role.outside and (role.scope is not Scope.OWN or role.like or role.children or role.mothers):
            message = f"外部人员的角色「{role.id}」只在本单位，不能 like 别的角色，也不看儿童和孕产妇的档案"
            hint = "写 scope: own，删去 like、children、mothers"
            yield fault_at(pack, "roles", role.id, "wrong_value", message, hint, at=("outside",))
        if role.start is not None and all(known[r].children is None for r in _like(known, role.id) | {role.id}):
            message = f"角色「{role.id}」看不到儿童档案，不能从儿童档案的页面开始"
            yield fault_at(pack, "roles", role.id, "wrong_value", message, "删去 start，或写 children", at=("start",))
        if (role.held_by or role.excludes) and role.source is None and LOCAL not in role.note:
            message = f"角色「{role.id}」没有说给哪些单位、和谁不能同一人的依据"
            hint = f"写 source（文件、条款、evidence）；没有上位文件的，在 note 里写明“{LOCAL}”"
            at = ("held_by",) if role.held_by else ("excludes",)
            yield fault_at(pack, "roles", role.id, "no_source", message, hint, at=at)
    first = min(pack.roles)
    for missing in sorted(HOUSE - set(known)):
        if unknown(pack, known, missing):
            message, hint = f"缺角色「{missing}」，流程和页面要用", f"加 roles/{missing}.yaml"
            yield fault_at(pack, "roles", first, "missing_role", message, hint, subject=f"roles/{missing}")


def _like(roles: dict[str, RoleItem], id_: str) -> frozenset[str]:
    return grants(roles, id_) - set(WORDS)

"""The roles of the pack as the directory keeps them: brought up to date at loading, looked up when one is given."""

from __future__ import annotations

from qingmiao.content.organisations import KINDS, fits
from qingmiao.content.pack import Pack
from qingmiao.content.roles import ADMINISTRATORS, HOUSE, RoleItem, all_roles, excluded, grants
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.models import Organisation, Person, RoleKept


def keep(pack: Pack) -> None:
    """Bring the kept roles to what the pack says; roles that it no longer has end.

    Raises UserError where the pack lacks a role that the house's flows name.
    """
    roles = all_roles(pack)
    missing = sorted(HOUSE - set(roles))
    if missing:
        raise UserError(
            f'内容包 {pack.id} 缺角色 {"、".join(missing)}，站点的流程要用：在 pack.toml 写 extends = ["../china"]，或在 roles/ 里各加一个文件'
        )
    RoleKept.objects.bulk_create(
        [_row(roles, role) for role in roles.values()],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["label", "label_en", "scope", "grants", "held_by", "excludes", "second_factor", "ended"],
    )
    RoleKept.objects.exclude(pk__in=roles).update(ended=True)


def _row(roles: dict[str, RoleItem], role: RoleItem) -> RoleKept:
    return RoleKept(
        id=role.id,
        label=role.label.zh,
        label_en=role.label.en,
        scope=role.scope.value,
        grants=sorted(grants(roles, role.id)),
        held_by=list(role.held_by),
        excludes=excluded(roles, role.id, roles),
        second_factor=role.second_factor,
        ended=False,
    )


def may_hold(person: Person, role: str, scope: Organisation) -> Decision:
    """Whether a person may be given a role over that unit, with the reason where not."""
    kept = RoleKept.objects.filter(pk=role).first() if role.isprintable() else None
    if kept is None or kept.ended:
        name = f"“{kept.label}”" if kept else f" {role} " if role else ""
        return no(f"没有角色{name}：内容包里没有（或已经取消）。请选择现有的角色")
    if not fits(scope.kind, kept.held_by):
        kinds = "、".join(KINDS[k].label.zh if k in KINDS else k for k in kept.held_by)
        return no(f"{scope.label} 不能有“{kept.label}”：这个角色只给 {kinds} 的人")
    if person.assignments.filter(role=role, organisation=scope, to_date=None).exists():
        return no(f"{person.name} 已经是 {scope.label} 的“{kept.label}”")
    held = person.assignments.filter(to_date=None, role__in=kept.excludes).values_list("role", flat=True)
    against = sorted(RoleKept.objects.filter(pk__in=held).values_list("label", flat=True))
    if against:
        rule = "；系统、安全、审计管理员必须是三个人，也不兼办业务"
        more = rule if {role, *held} & set(ADMINISTRATORS) else ""
        return no(f"{person.name} 已经是“{'”“'.join(against)}”，不能同时是“{kept.label}”{more}")
    return YES

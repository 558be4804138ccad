"""What the site's own rows say of a year of children's personal data, number by number (未成年人网络保护条例第三十六、三十七条).

Each number says how it was counted, so that it can be followed: the action of the audit trail, or the rows and the page
that shows them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.purposes import SENSITIVE_UNDER
from qingmiao.content.roles import grants
from qingmiao.kernel.days import add_months
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Assignment
from qingmiao.site.apps.notices import api as notices
from qingmiao.site.apps.records import kinds, looking, purposes, rekeying
from qingmiao.site.apps.records.models import Child
from qingmiao.site.apps.records.privacy import copying, erasing, showing
from qingmiao.site.apps.records.privacy.doors import erasure_flow, request_flow, review_flow
from qingmiao.site.apps.records.privacy.models import Consent, Erasure, FileRequest, GlassReview

EXPORT, MOTHERS_SEE = "site.export", "records.mother.see"
EXPORTS = (EXPORT, looking.EXPORT)
READS: Mapping[str, Label] = {
    looking.SEE: Label(zh="查阅儿童档案", en="child's file opened"),
    looking.REVEAL: Label(zh="查看完整的号码、电话或住址", en="number shown in full"),
    looking.LIST: Label(zh="查看儿童名单", en="list of children"),
    looking.SEARCH: Label(zh="查找儿童", en="search for children"),
    looking.EXCHANGE: Label(zh="通过接口读取", en="read by a program"),
    looking.BREAK: Label(zh="紧急查阅", en="urgent look"),
    MOTHERS_SEE: Label(zh="查阅孕产妇档案", en="mother's file opened"),
    EXPORT: Label(zh="导出表格", en="table exported"),
    looking.EXPORT: Label(zh="导出儿童名单", en="list of children exported"),
    copying.COPY: Label(zh="为监护人复制档案", en="copy for a guardian"),
}
"""What counts as reading, by the action of the trail."""


@dataclass(frozen=True)
class PrivacyCount:
    """One number of the report: what it counts, the number, and how it is followed."""

    what: Label
    number: int
    source: str


@dataclass(frozen=True)
class RoleAccess:
    """What one role may see: whose files, how much of who they are, for what; how many people hold it."""

    role: Label
    over: str
    masked: bool
    kinds: int
    purposes: tuple[Label, ...]
    held: int


@dataclass(frozen=True)
class YearOfPrivacy:
    """A whole year, part by part, in the order of the report."""

    year: int
    access: tuple[RoleAccess, ...]
    files: tuple[PrivacyCount, ...]
    grants: tuple[PrivacyCount, ...]
    by_purpose: tuple[PrivacyCount, ...]
    by_role: tuple[PrivacyCount, ...]
    alarms: tuple[PrivacyCount, ...]
    glass: tuple[PrivacyCount, ...]
    exports: tuple[PrivacyCount, ...]
    requests: tuple[PrivacyCount, ...]
    consents: tuple[PrivacyCount, ...]
    retention: tuple[PrivacyCount, ...]
    keys: tuple[PrivacyCount, ...]
    times: tuple[tuple[Label, str, str], ...]


def year_of(year: int) -> YearOfPrivacy:
    """The numbers of a calendar year, of what stands now."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return YearOfPrivacy(
        year, _access(min(last, timezone.localdate())), _files(), _grants(first, last), _by_purpose(first, last),
        _by_role(first, last), _alarms(first, last), _glass(first, last), _exports(first, last), _requests(first, last),
        _consents(first, last), _retention(first, last), _keys(first, last), showing.times(),
    )  # fmt: skip


def _held_on(day: date, role: str) -> int:
    rows = Assignment.objects.filter(Q(to_date=None) | Q(to_date__gt=day), role=role, from_date__lte=day)
    return rows.filter(person__is_active=True).values("person").distinct().count()


def _seeing() -> dict[str, frozenset[str]]:
    """Role → everything that it stands for, of the roles that see children's files."""
    roles = site_pack.pack().roles
    stands = {id_: grants(roles, id_) for id_ in roles}
    return {id_: held for id_, held in stands.items() if held & kinds.looking()}


def _access(day: date) -> tuple[RoleAccess, ...]:
    roles, rules, every, found = site_pack.pack().roles, kinds.rules(), kinds.kinds().values(), []
    for id_, held in _seeing().items():
        mine = [rules[g] for g in sorted(held & set(rules))]
        over = next(o for o in ("area", "unit", "charge") if any(r.over == o for r in mine))
        found.append(
            RoleAccess(
                roles[id_].label, over, any(r.identity == "masked" for r in mine), len(kinds.read_by(held, every)),
                tuple(p.label for p in purposes.of_roles(held)), _held_on(day, id_),
            )
        )  # fmt: skip
    return tuple(found)


def _files() -> tuple[PrivacyCount, ...]:
    today = timezone.localdate()
    young = add_months(today, -12 * SENSITIVE_UNDER)
    rows = Child.objects.filter(merged_into=None, erasure=None) | Child.objects.filter(
        merged_into=None, erasure__state__in=("listed", "kept")
    )
    return (
        PrivacyCount(Label(zh="在册的儿童档案", en="children's files"), rows.count(), "儿童档案（未合并、未删除）"),
        PrivacyCount(
            Label(zh="其中不满十四周岁（敏感个人信息）", en="of these under 14 (sensitive)"),
            rows.filter(birth_date__gt=young).count(), f"其中出生日期晚于 {young}",
        ),
        PrivacyCount(
            Label(zh="停止使用的档案", en="blocked files"), rows.exclude(blocked_at=None).count(),
            "其中已停止使用；监护人申请页",
        ),
    )  # fmt: skip


def _grants(first: date, last: date) -> tuple[PrivacyCount, ...]:
    rows = Assignment.objects.filter(role__in=_seeing())
    action = "审计记录 directory.person.grant、directory.person.revoke；账号页"
    return (
        PrivacyCount(
            Label(zh="授予看得到儿童档案的角色", en="roles that see files given"),
            rows.filter(from_date__range=(first, last)).count(), action,
        ),
        PrivacyCount(
            Label(zh="收回看得到儿童档案的角色", en="roles that see files taken back"),
            rows.filter(to_date__range=(first, last)).count(), action,
        ),
    )  # fmt: skip


def _by_purpose(first: date, last: date) -> tuple[PrivacyCount, ...]:
    counts = audit.by_listed("purposes", READS, first, last)
    labels = {p.id: p.label for p in purposes.every().values()}
    return tuple(
        PrivacyCount(
            _joined(labels.get(purpose, Label(zh=purpose)), READS[action]), n, f"审计记录 {action}，用途 {purpose}"
        )
        for (action, purpose), n in sorted(counts.items(), key=lambda one: (one[0][1], one[0][0]))
    )


def _joined(one: Label, other: Label) -> Label:
    return Label(zh=f"{one.zh}：{other.zh}", en=f"{one.en or one.zh}: {other.en}")


def _by_role(first: date, last: date) -> tuple[PrivacyCount, ...]:
    """Reads by the roles that the reader held in the year and that see files; of several, all are named."""
    counts = audit.by_actor(READS, first, last)
    rows = Assignment.objects.filter(Q(to_date=None) | Q(to_date__gte=first), from_date__lte=last)
    held: dict[str, set[str]] = {}
    for username, role in rows.filter(person__username__in={a for _, a in counts}).values_list(
        "person__username", "role"
    ):
        held.setdefault(username, set()).add(role)
    roles, seeing, found = site_pack.pack().roles, _seeing(), Counter[tuple[str, str]]()
    for (action, actor), n in counts.items():
        found["+".join(sorted(held.get(actor, set()) & set(seeing))) or "", action] += n
    return tuple(
        PrivacyCount(
            _joined(_named(key, roles), READS[action]), n, f"审计记录 {action}，操作人当年的角色 {key or '（无）'}"
        )
        for (key, action), n in sorted(found.items())
    )


def _named(key: str, roles: Mapping[str, Any]) -> Label:
    if not key:
        return Label(zh="没有这类角色（已收回或系统任务）", en="no such role (taken back, or a job)")
    labels = [roles[r].label for r in key.split("+")]
    return Label(zh="、".join(x.zh for x in labels), en=", ".join(x.en or x.zh for x in labels))


def _alarms(first: date, last: date) -> tuple[PrivacyCount, ...]:
    told = notices.told_in("records.alarm", first, last)
    return (
        PrivacyCount(
            Label(zh="大量查阅提醒（人次·日）", en="alarms of bulk reading"), told, "消息 records.alarm，一人一日一次"
        ),
    )


def _glass(first: date, last: date) -> tuple[PrivacyCount, ...]:
    rows = GlassReview.objects.filter(glass__from_at__date__range=(first, last))
    return _by_state(rows, review_flow().states, "紧急查阅复核页，状态 ", lambda r: r.state)


def _by_state(
    rows: Iterable[Any], states: Iterable[Any], source: str, of: Callable[[Any], str]
) -> tuple[PrivacyCount, ...]:
    counts = Counter(of(r) for r in rows)
    return tuple(PrivacyCount(Label(zh=s.label, en=s.label_en), counts[s.name], f"{source}{s.label}") for s in states)


def _exports(first: date, last: date) -> tuple[PrivacyCount, ...]:
    counts = audit.by_listed("purposes", EXPORTS, first, last)
    copies = sum(audit.by_actor((copying.COPY,), first, last).values())
    prints = sum(audit.by_actor((looking.PRINT,), first, last).values())
    actors = {a for _, a in audit.by_actor(EXPORTS, first, last)}
    return (
        PrivacyCount(
            Label(zh="按用途导出的表格（含儿童、孕产妇）", en="exports of tables of persons"), sum(counts.values()),
            f"审计记录 {'、'.join(EXPORTS)}，带用途；一次导出有几个用途的，每个用途各计一次",
        ),
        PrivacyCount(Label(zh="导出过表格的人员", en="people who exported"), len(actors), f"审计记录 {'、'.join(EXPORTS)} 的操作人"),
        PrivacyCount(Label(zh="给监护人的副本", en="copies for guardians"), copies, f"审计记录 {copying.COPY}"),
        PrivacyCount(
            Label(zh="打印给监护人的档案摘要", en="summaries printed for guardians"), prints, f"审计记录 {looking.PRINT}"
        ),
        PrivacyCount(
            Label(zh="名单、查找、接口给出的行", en="rows shown by lists, searches, programs"),
            audit.rows_told((looking.LIST, looking.SEARCH, looking.EXCHANGE), first, last),
            "审计记录 records.list、records.search、records.exchange 的 rows 之和",
        ),
    )  # fmt: skip


def _requests(first: date, last: date) -> tuple[PrivacyCount, ...]:
    rows = list(FileRequest.objects.filter(received_at__date__range=(first, last)))
    by_kind = Counter(r.kind for r in rows)
    found = [
        PrivacyCount(
            Label(zh=f"受理：{label.zh}", en=f"received: {label.en}"), by_kind[code], f"监护人申请，事项 {code}"
        )
        for code, label in showing.request_kinds()
    ]
    found += _by_state(rows, request_flow().states, "监护人申请，状态 ", lambda r: r.state)
    late = sum(1 for r in rows if _late(r))
    found.append(
        PrivacyCount(
            Label(zh="超过答复期限", en="answered late, or still unanswered"), late, "监护人申请，受理到决定超过期限"
        )
    )
    return tuple(found)


def _late(request: FileRequest) -> bool:
    pack, began = site_pack.pack(), timezone.make_naive(request.received_at)
    end = timezone.make_naive(request.decided_at or timezone.now())
    dues = (d.due(began) for d in pack.deadlines_of("flow:file_request", began.date()))
    return any(due is not None and end > due.at for due in dues)


def _consents(first: date, last: date) -> tuple[PrivacyCount, ...]:
    found = []
    for purpose in (p for p in purposes.every().values() if p.basis == "consent"):
        rows = Consent.objects.filter(purpose=purpose.id)
        given, ended = (
            rows.filter(given_date__range=(first, last)),
            rows.filter(withdrawn_at__date__range=(first, last)),
        )
        name = purpose.label
        for what, n in (
            (Label(zh="同意", en="given"), given.count()),
            (Label(zh="撤回", en="withdrawn"), ended.count()),
        ):
            found.append(PrivacyCount(_joined(name, what), n, f"监护人同意，用途 {purpose.id}"))
    return tuple(found)


def _retention(first: date, last: date) -> tuple[PrivacyCount, ...]:
    rows = Erasure.objects.filter(found_at__date__range=(first, last))
    without = len(erasing.unset())
    return (
        PrivacyCount(
            Label(zh="没有设置保存期限的用途", en="purposes without a time"), without, "用途的 keep；保存期限页"
        ),
        *_by_state(rows, erasure_flow().states, "到期档案，当年列入，状态 ", lambda r: r.state),
    )


def _keys(first: date, last: date) -> tuple[PrivacyCount, ...]:
    made = sum(audit.by_actor(("records.keys.new",), first, last).values())
    old = sum(v.values for v in rekeying.listed() if not v.newest)
    return (
        PrivacyCount(Label(zh="启用新密钥", en="new versions of keys"), made, "审计记录 records.keys.new"),
        PrivacyCount(Label(zh="还在旧密钥下的值", en="values still under an old key"), old, "qingmiao keys list"),
    )

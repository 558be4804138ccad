"""A guardian's copy of a file: everything that it says, by a request that was granted; watermarked, and in the ledger.

The copy is complete: all versions and who recorded them, numbers in full, who looked. Protected relations (`sealed`)
are left out: whoever asks may be the one from whom the child is protected.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from qingmiao.forms.answers import shown as told
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.api import EventShown
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, NotAllowedError
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, kinds, looking, purposes, recording, sealing, versions, words
from qingmiao.site.apps.records.event_models import HealthRecord, RecordVersion
from qingmiao.site.apps.records.models import Child, ChildVersion, Relation, SchoolAttendance, Stay
from qingmiao.site.apps.records.privacy.copied import (
    ChildCopy,
    CopiedAnswer,
    CopiedClass,
    CopiedConsent,
    CopiedIdentity,
    CopiedLook,
    CopiedRecord,
    CopiedRelative,
    CopiedStay,
    CopiedVersion,
)
from qingmiao.site.apps.records.privacy.models import Consent, FileRequest

COPY = "records.request.copy"
LOOKS = {
    looking.SEE: "查阅档案", looking.REVEAL: "查看完整的号码、电话或住址", looking.BREAK: "紧急查阅",
    looking.EXCHANGE: "通过接口读取",
    looking.TAKEN: "随名单导出", looking.PRINT: "打印档案摘要", COPY: "为监护人复制",
}  # fmt: skip
"""What a guardian is told of: every sight of the file, by the action of the trail."""
MOST = 5000


def made_for(reach: Reach, number: int) -> tuple[FileRequest, ChildCopy]:
    """The copy that answers a granted request (`copy`; of `looked` the sights alone are shown), written down in the
    ledger. AbsentError for somebody who does not answer it, NotAllowedError before it is granted."""
    request = FileRequest.objects.select_related("child", "unit").filter(pk=number).first()
    if request is None or request.kind not in ("copy", "looked"):
        raise AbsentError("没有这件申请")
    with access.work(reach, request, "carry_out") as doing:
        held = FileRequest.objects.select_for_update().get(pk=request.pk)
        if held.state not in ("granted", "done"):
            raise NotAllowedError("核实申请人并同意办理以后，才能生成副本")
        made = copy_of(held.child.survivor, held)
        detail = {**purposes.told([purposes.of_use("request")]), "request": held.pk, "kind": held.kind}
        audit.append(doing.actor, COPY, object_type=looking.CHILD, object_id=held.child.survivor.pk, detail=detail)
        FileRequest.objects.filter(pk=held.pk).update(copied_at=doing.at)
    return request, made


def copy_of(child: Child, request: FileRequest) -> ChildCopy:
    """Everything that a file and those merged into it say, oldest first."""
    files = exposure.family(child)
    return ChildCopy(
        file=child.pk, request=request.pk, made_at=timezone.localtime(), made_by=request.unit.label,
        identities=_identities(files), stays=_stays(files), classes=_classes(files), relatives=_relatives(files),
        records=_records(files), consents=_consents(files), looks=looks(files),
    )  # fmt: skip


def _identities(files: Sequence[int]) -> tuple[CopiedIdentity, ...]:
    rows = ChildVersion.objects.filter(child__in=files).select_related("by").order_by("at", "pk")
    return tuple(
        CopiedIdentity(
            version=v.number, at=timezone.localtime(v.at), by=v.by.name if v.by else "", name=v.name,
            former_names=tuple(v.former_names), sex=words.code_label("sex", v.sex).zh, birth_date=v.birth_date,
            birth_certainty=words.CERTAINTY[v.birth_certainty].zh, papers=words.PAPERS[v.papers].zh,
            number=sealing.opened(sealing.CHILD, sealing.NUMBER, v.child_id, v.number_sealed),
            certificate=sealing.opened(sealing.CHILD, sealing.CERTIFICATE, v.child_id, v.certificate_sealed),
        )
        for v in rows
    )  # fmt: skip


def _stays(files: Sequence[int]) -> tuple[CopiedStay, ...]:
    return tuple(
        CopiedStay(
            kind=words.STAYS[s.kind].zh, area=words.area_name(s.area), village=s.village, from_date=s.from_date,
            address=sealing.opened(sealing.STAY, sealing.ADDRESS, s.pk, s.address_sealed), to_date=s.to_date,
        )
        for s in Stay.objects.filter(child__in=files).order_by("from_date", "pk")
    )  # fmt: skip


def _classes(files: Sequence[int]) -> tuple[CopiedClass, ...]:
    rows = SchoolAttendance.objects.filter(child__in=files).select_related("school_unit").order_by("from_date", "pk")
    return tuple(
        CopiedClass(
            school=a.school_unit.label, school_class=a.school_class, from_date=a.from_date, to_date=a.to_date,
            grade=words.code_label("grade", a.grade).zh if a.grade else "",
        )
        for a in rows
    )  # fmt: skip


def _relatives(files: Sequence[int]) -> tuple[CopiedRelative, ...]:
    rows = Relation.objects.filter(child__in=files, sealed=False).select_related("relative").order_by("from_date", "pk")
    return tuple(
        CopiedRelative(
            name=r.relative.name, relation=words.code_label("kinship", r.kind).zh, guardian=r.guardian, carer=r.carer,
            phone=sealing.opened(sealing.RELATIVE, sealing.PHONE, r.relative_id, r.relative.phone_sealed),
            from_date=r.from_date, to_date=r.to_date,
        )
        for r in rows
    )  # fmt: skip


def _records(files: Sequence[int]) -> tuple[CopiedRecord, ...]:
    rows = HealthRecord.objects.filter(child__in=files).select_related("unit").order_by("on_date", "pk")
    said: dict[int, list[CopiedVersion]] = {}
    for v in RecordVersion.objects.filter(record__in=rows).select_related("form", "by").order_by("record", "number"):
        answers = () if v.withdrawn else told(versions.ready(v.form), versions.filled(v))
        said.setdefault(v.record_id, []).append(
            CopiedVersion(
                number=v.number, at=timezone.localtime(v.at), by=v.by.name, reason=v.reason, withdrawn=v.withdrawn,
                form=f"{v.form.frozen['form']['label']['zh']}（第{v.form.form_version}版）",
                answers=tuple(CopiedAnswer(label=label, value=value) for label, value in answers),
            )
        )  # fmt: skip
    known, flow = kinds.kinds(), recording.every_flow()[0]
    labels = {
        k: (known[k].label.zh, known[k].label.en or "") if k in known else (k, "") for k in {r.kind for r in rows}
    }
    return tuple(
        CopiedRecord(
            number=r.pk, kind=r.kind, label=labels[r.kind][0], label_en=labels[r.kind][1], on=r.on_date,
            unit=r.unit.label, state=flow.state(r.state).label, versions=tuple(said.get(r.pk, ())),
        )
        for r in rows
    )  # fmt: skip


def _consents(files: Sequence[int]) -> tuple[CopiedConsent, ...]:
    rows = Consent.objects.filter(child__in=files).select_related("guardian__relative").order_by("at", "pk")
    labels = {p.id: p.label.zh for p in purposes.every().values()}
    return tuple(
        CopiedConsent(
            purpose=labels.get(c.purpose, c.purpose), guardian=c.guardian.relative.name, given=c.given_date,
            form=c.form, withdrawn_at=timezone.localtime(c.withdrawn_at) if c.withdrawn_at else None,
        )
        for c in rows
    )  # fmt: skip


def looks(files: Sequence[int]) -> tuple[CopiedLook, ...]:
    """Who looked at these files, oldest first: the unit, not the person's name (the site knows it and answers)."""
    events: list[EventShown] = [e for n in files for e in audit.of_object(looking.CHILD, n, limit=MOST)]
    seen = sorted((e for e in events if e.action in LOOKS), key=lambda e: e.id)
    units = dict(Organisation.objects.filter(pk__in={e.unit for e in seen}).values_list("pk", "label"))
    return tuple(
        CopiedLook(
            at=timezone.localtime(e.at), unit=units.get(e.unit, e.unit), what=LOOKS[e.action],
            purpose=str(e.detail.get("purpose") or e.detail.get("reason") or ""),
        )
        for e in seen
    )  # fmt: skip

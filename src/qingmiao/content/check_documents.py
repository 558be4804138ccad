"""Do kinds of documents name roles that there are, words that flows may use, forms that documents can hold?"""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.check_flows import check_flow
from qingmiao.content.documents import OWN_FIELDS, DocumentKind
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.forms import Form
from qingmiao.content.pack import Pack
from qingmiao.content.roles import all_roles
from qingmiao.flow.words import DOCUMENTS
from qingmiao.kernel.errors import Fault


def check_documents(pack: Pack) -> Iterator[Fault]:
    """Every recording role exists (in a pack that has roles at all), so does what the flow names; the form fits."""
    known = all_roles(pack)
    for kind in pack.entries("documents", DocumentKind).values():
        if kind.flow is not None:
            yield from check_flow(pack, "documents", kind.id, kind.flow, DOCUMENTS)
        if kind.form is not None and kind.form in pack.forms:
            for message, hint in _misfits(pack.forms[kind.form]):
                yield fault_at(
                    pack, "documents", kind.id, "wrong_value", message, hint, at=("form",), subject=f"forms/{kind.form}"
                )
        yield from _fields_named(pack, kind)
        for n, role in enumerate(kind.recorded_by if pack.roles else ()):
            if unknown(pack, known, role):
                message = f"recorded_by 提到没有的角色「{role}」"
                yield fault_at(
                    pack, "documents", kind.id, "dangling_id", message, near(role, known), at=("recorded_by", n),
                    subject=f"roles/{role}",
                )  # fmt: skip


def _fields_named(pack: Pack, kind: DocumentKind) -> Iterator[Fault]:
    """The fields of the form that a kind names (until when it is handed out, how a sample is drawn) are there."""
    form = pack.forms.get(kind.form or "")
    fields = {f.id: f.type for f in form.fields} if form is not None else {}
    named: list[tuple[str, str, tuple[str, ...]]] = []
    if kind.handed is not None:
        named.append(("handed", kind.handed.until, ("date",)))
    if kind.package_year is not None:
        named.append(("package_year", kind.package_year, ("integer",)))
    if kind.sample is not None:
        of = kind.sample
        named += [("sample", name, ("integer",)) for name in (of.of, of.wanted)]
        named += [("sample", name, ("text", "code")) for name in (of.table, of.seed)]
    for key, name, types in named:
        if fields.get(name) not in types:
            message = f"{key} 所写的「{name}」不是这个种类的表单里的{'或'.join(types)}字段"
            yield fault_at(pack, "documents", kind.id, "wrong_value", message, near(name, fields), at=(key,))


def _misfits(form: Form) -> Iterator[tuple[str, str]]:
    """(why a form cannot be a document's, what to do)."""
    if form.purpose != "record":
        yield f"表单「{form.id}」的 purpose 是 {form.purpose}，文书用记录表", "purpose 写 record，或另做一份表单"
    if form.fact is not None:
        yield f"表单「{form.id}」的答案进事实表 {form.fact}，文书的内容不进事实表", "另做一份不写 fact 的表单"
    for one in form.all_fields():
        if one.id in OWN_FIELDS:
            yield f"表单「{form.id}」的字段 {one.id} 与文书自带的项目重名", "换一个字段 id"
        if one.type in ("photo", "file", "signature"):
            why = f"表单「{form.id}」的字段 {one.id} 是文件，文书的文件在“佐证材料”里上传"
            yield why, "去掉这个字段；流程里写 prove 环节"

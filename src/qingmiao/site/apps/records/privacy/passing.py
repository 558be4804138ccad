"""A granted request is passed on to who has to do it: the unit that keeps the file."""

from __future__ import annotations

from qingmiao.site.apps.directory.doors import Doing
from qingmiao.site.apps.notices import api as notices
from qingmiao.site.apps.records import kinds, words
from qingmiao.site.apps.records.privacy.models import FileRequest


def passed_on(request: FileRequest, doing: Doing) -> None:
    """Tell those who keep the file that a correction or deletion was agreed to; they make the new version."""
    if request.kind not in ("correct", "delete", "restrict"):
        return
    what = words.code_label("request_kind", request.kind).zh
    said = f"监护人对本单位管理的一份儿童档案的申请（{what}）已经同意，请办理：{doing.said('reason')[:60]}"
    told = notices.NoticeText("records.request", said, f"/records/{request.child_id}", f"request:{request.pk}")
    keepers = notices.of_unit(str(request.child.unit_id), kinds.roles_that(lambda r: r.keeps))
    notices.tell(keepers, told, by=doing.person)

"""Is it possible now?"""

from __future__ import annotations

from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.publishing.workflow import EditionState


def can_edit(edition: Edition) -> Decision:
    """Only a draft can be edited."""
    return YES if edition.state == EditionState.DRAFT else no(f"现在是“{EditionState(edition.state).label}”，不能改")


def can_approve(edition: Edition, username: str) -> Decision:
    """A second person: not who started, edited or submitted it."""
    involved = {edition.started_by_id, edition.submitted_by_id, *edition.editors} - {None}
    if Person.objects.filter(pk__in=involved, username=username).exists():
        return no("发起、改写或送审的人不能批准，请另一个人批准")
    return YES

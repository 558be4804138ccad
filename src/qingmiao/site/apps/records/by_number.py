"""A file is found by its exact number: of the identity or of the birth certificate, under every version of the keys."""

from __future__ import annotations

from django.db.models import Q

from qingmiao.identity import numbers
from qingmiao.kernel.misread import MisreadError
from qingmiao.site.apps.records import sealing


def number_where(said: str) -> Q | None:
    """The condition of one exact identity or birth certificate number; None for what is neither."""
    where = Q(pk__in=[])
    try:
        number = numbers.read_person_number(said)
    except MisreadError:
        number = None
    try:
        birth = numbers.read_birth_certificate(said)
    except MisreadError:
        birth = None
    if number is not None:
        whole = numbers.as_eighteen(number)
        where |= Q(number_index__in=sealing.number_marks(whole.text))
    if birth is not None:
        where |= Q(certificate_index__in=sealing.number_marks(birth.text))
    return where if number is not None or birth is not None else None


def is_number(said: str) -> bool:
    """Whether a text is a whole identity or birth certificate number."""
    return number_where(" ".join(said.split())[:60]) is not None

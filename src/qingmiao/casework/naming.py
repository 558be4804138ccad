"""What a case about a place, a unit or an event is called in a list: by one field of its programme."""

from __future__ import annotations

from qingmiao.casework.ready import ReadyProgramme

NAMED = ("place", "organisation", "event")
"""Subjects of cases that are told apart by a name that the case itself says."""


def naming_field(ready: ReadyProgramme) -> str | None:
    """The field that names the cases of a programme: the first text by which two are the same, else the first that is
    asked where one is opened. None for programmes about people, and where no text is asked."""
    one = ready.programme
    if one.subject not in NAMED:
        return None
    same = one.same.fields if one.same is not None else ()
    asked = (f for s in one.steps if s.opens for f in s.asks)
    fitting = (f for f in (*same, *asked) if f in ready.fields and ready.fields[f].type == "text")
    return next((f for f in fitting if ready.fields[f].group is None), None)

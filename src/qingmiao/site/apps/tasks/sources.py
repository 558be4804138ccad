"""Who asks for tasks: each app that does registers its kinds of sources and how one is shown. Tasks import none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from qingmiao.site.apps.directory.permissions import Reach


@dataclass(frozen=True)
class TaskOrigin:
    """How a source is shown: its words, and the name and arguments of its page (the web makes the address)."""

    label: str
    page: str = ""
    arguments: tuple[str | int, ...] = ()


Show = Callable[[Reach, Iterable[str]], Mapping[str, TaskOrigin]]
"""show(reach, ids) → what each is called, and its page where this person may open it; an id that is gone is left out.
One query for all."""


@dataclass(frozen=True)
class TaskSource:
    """A kind of thing that asks for tasks."""

    name: str
    label: str
    label_en: str
    show: Show


DIRECT = "direct"
"""Somebody gave the task by hand."""
_SOURCES: dict[str, TaskSource] = {}


def register(source: TaskSource) -> TaskSource:
    """Make a kind of source known, once. Raises ValueError for a second one of its name."""
    if source.name in _SOURCES:
        raise ValueError(f"the source {source.name} is registered already")
    _SOURCES[source.name] = source
    return source


def source(name: str) -> TaskSource:
    """A registered kind. Raises KeyError for one that no app has registered."""
    return _SOURCES[name]


def registered() -> tuple[TaskSource, ...]:
    """All kinds, in the order of their names."""
    return tuple(_SOURCES[n] for n in sorted(_SOURCES))


def origins(reach: Reach, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], TaskOrigin]:
    """The origins of (source, id) pairs as a person sees them: one call a kind. What is gone has none."""
    asked: dict[str, list[str]] = {}
    for name, id_ in pairs:
        if name in _SOURCES and id_:
            asked.setdefault(name, []).append(id_)
    return {
        (name, id_): origin
        for name, ids in asked.items()
        for id_, origin in _SOURCES[name].show(reach, sorted(set(ids))).items()
    }


register(TaskSource(DIRECT, "直接", "Direct", lambda reach, ids: {}))

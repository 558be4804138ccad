"""Every action that a page posts × every role × how the person stands to the thing: a real request each, undone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from qingmiao.content import roles as content
from qingmiao.site import web
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.roles import SYSTEM_ADMIN
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.returns.models import Version
from website import filed_steps
from website.addresses import patterns
from website.measured import a_run
from website.posting import ACTIONS, OTHERWISE, SOON, STEPS, Action, Body, sent, thing_in
from website.stepping import World, telling

TEMPLATES = Path(web.__file__).parent / "console" / "templates"
REFUSED, NOTHING_DONE = 404, 0
DONE = (200, 302)
ROLES = {p.name: p.callback.access.roles for p in patterns()}
"""Page → the roles that open it; none: everybody."""
OF_IMPORTS = {"headings", "give_up"}
"""What is done with a list that was uploaded into a register; tests/website/test_register_pages.py."""
WORK = {"fill", "edit", "link", "conclude", "again"}
"""Steps whose page is an address of its own (`ACTIONS`)."""


def test_every_address_that_takes_posts_has_its_actions_tried() -> None:
    posting = {e.name for e in patterns() if "POST" in e.callback.access.methods}
    tried = {a.page for a in ACTIONS} | {page for page, _ in STEPS.values()} | set(OTHERWISE)
    assert posting == tried


def test_every_button_of_a_template_is_an_action_or_a_step(pack) -> None:
    texts = "".join(p.read_text("utf-8") for p in TEMPLATES.rglob("*.html"))
    named = set(re.findall(r'name="do" value="(\w+)"', texts))
    assert named
    steps = {s.name for d in access.DOORS.values() for flow in d.flows() for s in flow.steps}
    assert named <= {a.do for a in ACTIONS} | steps | {"rewrite"} | OF_IMPORTS


class Posting:
    """A world with a browser for each person."""

    def __init__(self, world: World, browser_of: Any) -> None:
        self.world, self._browser_of = world, browser_of
        world.thing = world._thing  # made anew for each try, and undone with it
        self.browsers: dict[tuple[str, str], Client] = {("", "anonymous"): Client()}

    def browser(self, role: str, standing: str) -> Client:
        who = "own" if standing in ("other_unit", "other_county") else standing
        if (role, who) not in self.browsers:
            self.browsers[role, who] = self._browser_of(self.world.person(role, who).person)
        return self.browsers[role, who]

    def unit(self, role: str, standing: str) -> str:
        """The unit that the thing is of."""
        home = self.world.home(role) if role else "health"
        return self.world.unit(home, standing if standing in ("other_unit", "other_county") else "own")

    def status(self, action: Action, role: str, standing: str) -> int:
        """What is answered to somebody who may do such a thing somewhere. Nothing stays."""
        browser = self.browser(role, standing)
        self.world.doer = self.world.person(role, standing) if role else None
        with transaction.atomic():
            answered = self._posted(action, browser, action.make(self.world, self.unit(role, standing)))
            transaction.set_rollback(True)
        return answered

    def statuses(self, action: Action, unit: str, others: Sequence[tuple[str, str]]) -> Iterator[int]:
        """What is answered to each of many who may not: they find the same thing, made once. Nothing stays."""
        browsers = [self.browser(*who) for who in others]
        self.world.doer = None
        with transaction.atomic():
            made = action.make(self.world, unit)
            for browser in browsers:
                with transaction.atomic():
                    yield self._posted(action, browser, made)
                    transaction.set_rollback(True)
            transaction.set_rollback(True)

    def _posted(self, action: Action, browser: Client, made: tuple[Body, Body]) -> int:
        """The answer; a way to the login page counts as refused. What leaves no event in the trail counts as not done,
        and so does what only shows and yet leaves one."""
        kwargs, body = made
        last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        got = browser.post(reverse(action.page, kwargs=dict(kwargs)), **sent(action, body))
        if got.status_code == 302 and got.url.startswith("/login"):
            return REFUSED
        if got.status_code in DONE and Event.objects.filter(pk__gt=last).exists() == action.only_shows:
            return NOTHING_DONE
        return got.status_code

    def squares(self, action: Action) -> Iterator[tuple[str, str, bool]]:
        """(role, standing, whether it must be reached).

        Whom the page's own roles do not let in is turned away before it looks at any thing (`ui.access.page`): whose
        the thing is cannot matter.
        """
        opened = ROLES[action.page]
        for role in self._roles(action):
            let_in = not opened or bool(content.grants(self.world.every, role) & opened)
            for standing in ("own", "other_unit", "other_county") if action.of_unit and let_in else ("own",):
                yield role, standing, role in {"own": action.own, "other_unit": action.other}.get(standing, ())
            if role in action.own:
                yield role, "held_elsewhere", False
                yield role, "disabled", False
        yield "", "anonymous", False

    def _roles(self, action: Action) -> list[str]:
        """Whoever the action is for, and one of each sort of the others that the page lets in or not."""
        seeing = filed_steps.flow_roles() if action.page.startswith(("records.", "mothers.")) else frozenset()
        named = action.own | action.other | {SYSTEM_ADMIN}
        return telling(self.world.every, named, seeing | ROLES[action.page])

    def wrong(self, action: Action) -> list[str]:
        """Everything about an action that is not as it must be."""
        found: list[tuple[str, str, bool, int]] = []
        strangers: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for role, standing, may in self.squares(action):
            if may or role in action.own:
                found.append((role, standing, may, self.status(action, role, standing)))
            else:
                strangers[self.unit(role, standing)].append((role, standing))
        for unit, others in strangers.items():
            answered = self.statuses(action, unit, others)
            found += [(*who, False, got) for who, got in zip(others, answered, strict=True)]
        return [told for square in found if (told := self._told(action, *square))]

    def _told(self, action: Action, role: str, standing: str, may: bool, got: int) -> str:
        # Who may do it here is told in words that the unit is not in reach; whoever may not finds nothing.
        refused = (REFUSED, 400) if role in action.own and standing in ("other_unit", "other_county") else (REFUSED,)
        if got in (DONE if may else refused):
            return ""
        return f"{action.page} {action.do} by {role} ({standing}): {got}, expected {'done' if may else 'refused'}"


def step_actions(world: World) -> Iterator[Action]:
    """The steps that a page posts, from the flows.

    Left to the doors' own matrix: what `ACTIONS` lists, and a step that different roles take from different states.
    """
    listed = {(a.page, a.do) for a in ACTIONS}
    for model, (page, field) in STEPS.items():
        flow = world.flow(model)
        for line in flow.steps:
            same = {r for s in flow.named(line.name) for r in s.roles}
            if line.makes or not line.roles or line.roles != same or (page, line.name) in listed or line.name in WORK:
                continue
            more = {a.name: "写清楚了的话" for a in line.asks} | {
                "due": SOON.isoformat(),
                "title": "年度计划",
                "text": "全年工作安排。",
            }

            def body(thing: Any, field=field, line=line, more=more) -> dict[str, Any]:
                if "own_correction" in line.guards and world.doer is not None:  # whoever began it may withdraw it
                    Version.objects.filter(filing=thing, number=thing.version).update(begun_by=world.doer.person)
                revision = {"revision": thing.revision} if hasattr(thing, "revision") else {}
                return {field: line.name, "state": line.source, "version": thing.version, **revision, **more}

            wide = frozenset(r for r in line.roles if world.roles[r].scope is content.Scope.AREA)
            of_unit = model is not Edition
            yield Action(page, line.name, thing_in(model, line.source)(body), line.roles, wide, of_unit)


assert get_resolver().url_patterns  # with its pages, every app has registered its doors


@pytest.mark.django_db
def test_each_action_is_reached_by_whom_it_is_for_and_not_there_for_everybody_else(
    directory: None, pack, browser_of, capsys: pytest.CaptureFixture[str]
) -> None:
    posting = Posting(World(pack, a_run()), browser_of)
    actions = [*ACTIONS, *step_actions(posting.world)]
    wrong = [told for action in actions for told in posting.wrong(action)]
    assert wrong == []
    squares = [may for action in actions for _, _, may in posting.squares(action)]
    assert all(any(may for _, _, may in posting.squares(action)) for action in actions), "nobody could ever do it"
    with capsys.disabled():
        print(f"\n{len(squares)} posts of {len(actions)} actions tried: {sum(squares)} done, the others refused")

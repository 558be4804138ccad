"""What happens to cases beside their steps in a random history: files of children are merged and taken apart, sealed
cases are unsealed by two. The model reads the programmes' files and keeps its own list of who was merged into whom.
"""

from __future__ import annotations

from random import Random
from threading import Thread
from typing import TYPE_CHECKING

from django.db import connections

from qingmiao.site.apps.cases import api, standing
from qingmiao.site.apps.cases.models import CaseUnsealing, KeptCase
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import api as records
from qingmiao.site.apps.records.api import about
from qingmiao.site.apps.records.models import Child
from website.filed import HOME, a_child, born

if TYPE_CHECKING:
    from website.case_histories import CaseModel, CaseWalk

REFUSED = (api.AbsentError, api.ConflictError, api.NotAllowedError)
FILES = 6
"""Files of children, each of which may turn out to be of the same child as another."""
SETTLES = "child_health_doctor"
"""The role that merges files and takes them apart, among those of a history."""
GROUND = "未成年人检察工作需要，依据演示办法第三条启封"
SEES_BOTH = "supervisor"
"""The role that sees files of children and handles cases."""
WHY = "核对后是同一名儿童"
BY_CHARGE = ("class_teacher", "village_director")
"""Roles that see only cases of their own: what is sealed they cannot ask for."""


def role_of(person: Person) -> str:
    """The role of somebody of a history: the username without the seed before it and the number behind it."""
    return person.username.rpartition(".")[2][:-1]


def children(people: list[Person]) -> dict[int, int]:
    """File → the file into which it was merged: none yet."""
    doctor = next(p for p in people if role_of(p) == SETTLES)
    names = (f"演示{n}" for n in "甲乙丙丁戊己"[:FILES])
    return {a_child(doctor, name, birth=born(3000), area=HOME, reason="另一名儿童"): 0 for name in names}


def survivor(files: dict[int, int], number: int) -> int:
    """The file to which another leads."""
    while files[number]:
        number = files[number]
    return number


def family(files: dict[int, int], number: int) -> list[int]:
    """All files of one child."""
    return sorted(f for f in files if survivor(files, f) == survivor(files, number))


def merge(walk: CaseWalk) -> None:
    """Merge a file into another, or take one apart from it; refused where the model says so: nothing changes."""
    draw, reach = walk.draw, Reach(walk.draw.choice(walk.people))
    if draw.random() < 0.8:
        reach = Reach(draw.choice([p for p in walk.people if role_of(p) == SETTLES]))
    file, into = draw.choices(sorted(walk.children), k=2)
    parts = draw.random() < 0.45
    step = "unmerge" if parts else "merge"
    said = {"reason": WHY} if parts else {"into": into, "reason": WHY}
    free = not walk.children[file] and not walk.children[into] and file != into
    allowed = role_of(reach.person) == SETTLES and (bool(walk.children[file]) if parts else free)
    version = Child.objects.values_list("version", flat=True).get(pk=file)
    try:
        records.move(reach, file, step, version=version, said=said)
        done = True
    except REFUSED:
        done = False
    if done != allowed:
        walk.wrong.append(f"{step} of file {file} by {reach.person.username}: done {done}, the model says {allowed}")
    if done:
        walk.children[file] = 0 if parts else into
    walk.count(step, done=done)
    told = dict(Child.objects.filter(pk__in=walk.children).values_list("pk", "merged_into"))
    if {f: m or 0 for f, m in told.items()} != walk.children:
        walk.wrong.append(f"after {step}: files {told}, the model has {walk.children}")
        walk.children = {f: m or 0 for f, m in told.items()}
    _one_child(walk, file)


def _one_child(walk: CaseWalk, file: int) -> None:
    """Everybody finds under each file of a child the cases of all of its files that they see, and no other."""
    mine = family(walk.children, file)
    if sorted(about.files_of(file)) != mine:
        walk.wrong.append(f"files of {file}: {about.files_of(file)}, the model has {mine}")
    reach = Reach(walk.draw.choice(walk.people))
    sights = standing.sights(reach)
    rows = KeptCase.objects.filter(pk__in=[n for n, m in walk.cases.items() if m.child in mine]).select_related("owner")
    wanted = sorted(c.pk for c in rows if (s := sights.of(c)) is not None and s.sight == "full" and c.state != "sealed")
    found = sorted(row.number for row in api.cases_of_child(reach, file))
    if found != wanted:
        walk.wrong.append(f"cases of child {file} for {reach.person.username}: {found}, the model has {wanted}")


def link(walk: CaseWalk, reach: Reach, number: int, model: CaseModel) -> None:
    """A case without a file is linked to one; once linked it stays."""
    file = walk.draw.choice(sorted(walk.children))
    if walk.draw.random() < 0.7:
        reach = Reach(walk.draw.choice([p for p in walk.people if role_of(p) == SEES_BOTH]))
    try:
        api.link_child(reach, number, file, seen=model.version)
        done = True
    except REFUSED:
        done = False
    kept = KeptCase.objects.values_list("child_id", flat=True).get(pk=number)
    wanted = survivor(walk.children, file) if done else model.child
    if kept != wanted or (done and model.child is not None):
        walk.wrong.append(f"case {number}: linked to {kept}, the model has {wanted}, before {model.child}")
    model.child = kept
    walk.count("link", done=done)


def unseal(walk: CaseWalk) -> None:
    """Ask that a case be unsealed, or agree to what another one asked; then exactly those two read it."""
    draw, reach = walk.draw, Reach(walk.draw.choice(walk.people))
    sealed = [n for n, m in sorted(walk.cases.items()) if m.state == "sealed"]
    number = draw.choice(sealed or sorted(walk.cases))
    if sealed and draw.random() < 0.7:
        reach = Reach(draw.choice([p for p in walk.people if may_ask(p, number)] or walk.people))
    asked = [u for u, (case, _) in sorted(walk.asked.items()) if case == number]
    if asked and draw.random() < 0.6:
        _agree(walk, reach, number, draw.choice(asked))
    else:
        _ask(walk, reach, number)
    if number in sealed:
        _only_readers(walk, number)


def _ask(walk: CaseWalk, reach: Reach, number: int) -> None:
    allowed = walk.cases[number].state == "sealed" and may_ask(reach.person, number)
    try:
        made = api.ask_unsealing(reach, number, GROUND)
    except REFUSED:
        made = 0
    if bool(made) != allowed:
        walk.wrong.append(f"case {number}: {reach.person.username} asked, done {bool(made)}, the model says {allowed}")
    if made:
        walk.asked[made] = (number, reach.person.pk)
    walk.count("ask", done=bool(made))


def _agree(walk: CaseWalk, reach: Reach, number: int, unsealing: int) -> None:
    by = walk.asked[unsealing][1]
    allowed = by != reach.person.pk and may_ask(reach.person, number)
    try:
        api.agree_unsealing(reach, unsealing)
        done = True
    except REFUSED:
        done = False
    if done != allowed:
        walk.wrong.append(f"case {number}: {reach.person.username} agreed, done {done}, the model says {allowed}")
    if done:
        del walk.asked[unsealing]
        walk.readers.setdefault(number, set()).update((by, reach.person.pk))
    walk.count("agree", done=done)


def may_ask(person: Person, number: int) -> bool:
    """Whether somebody is of the unit that owns a case or of one above, in a role that owns a state of it."""
    from website.case_histories import FILES as PROGRAMMES

    case = KeptCase.objects.select_related("owner").get(pk=number)
    states = PROGRAMMES[case.programme][0]["states"].values()
    owners = {role for state in states for role in state.get("owners", ())}
    role = role_of(person)
    return role in owners and role not in BY_CHARGE and case.owner.path.startswith(person.organisation.path)


def _only_readers(walk: CaseWalk, number: int) -> None:
    case = KeptCase.objects.select_related("owner").get(pk=number)
    seen = {p.pk for p in walk.people if standing.sights(Reach(p)).of(case) is not None}
    if seen != walk.readers.get(number, set()):
        walk.wrong.append(f"sealed case {number} is seen by {seen}, the model has {walk.readers.get(number)}")
    one = KeptCase.objects.filter(pk=number)
    listed = [p.username for p in walk.people[:4] if one.filter(standing.sights(Reach(p)).where).exists()]
    if listed:
        walk.wrong.append(f"sealed case {number} stands in the lists of {listed}")


def together(people: list[Person], files: list[int], numbers: list[int], draw: Random) -> None:
    """One of these by one of many at once: only refusals may come of it."""
    kind = draw.random()
    try:
        if kind < 0.6:
            doctor = Reach(draw.choice([p for p in people if role_of(p) == SETTLES]))
            file, into = draw.choices(files, k=2)
            version = Child.objects.values_list("version", flat=True).get(pk=file)
            parts = draw.random() < 0.5
            said = {"reason": WHY} if parts else {"into": into, "reason": WHY}
            records.move(doctor, file, "unmerge" if parts else "merge", version=version, said=said)
            return
        sealed = KeptCase.objects.filter(pk__in=numbers, state="sealed").order_by("pk").values_list("pk", flat=True)
        for number in sealed[:5]:
            person = draw.choice([p for p in people if may_ask(p, number)] or people)
            waiting = CaseUnsealing.objects.filter(case=number, agreed_by=None).order_by("?").first()
            if waiting is None:
                api.ask_unsealing(Reach(person), number, GROUND)
            else:
                api.agree_unsealing(Reach(person), waiting.pk)
    except REFUSED:
        return


def merged_by_many(people: list[Person], files: list[int], threads: int, each: int) -> list[str]:
    """Files of one child merged and taken apart by many at once; everything but a refusal that came of it."""
    wrong: list[str] = []

    def busy(draw: Random) -> None:
        try:
            for _ in range(each):
                together(people, files, [], draw)
        except Exception as e:  # told by the test
            wrong.append(f"{type(e).__name__}: {e}")
        finally:
            connections.close_all()

    hands = [Thread(target=busy, args=(Random(n),)) for n in range(threads)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return [*wrong, *ends_well(files, [])]


def ends_well(files: list[int], numbers: list[int]) -> list[str]:
    """What is wrong after many worked at once: files that lead in a circle, a file that is not what its trail says, a
    sealed case opened by fewer than two."""
    into = dict(Child.objects.filter(pk__in=files).values_list("pk", "merged_into"))
    found = []
    for file in files:
        way = [file]
        while (onward := into[way[-1]]) is not None and len(way) <= len(files):
            way.append(onward)
        if len(way) > len(files):
            found.append(f"the file {file} leads in a circle: {way}")
    one_child = {f: tuple(sorted(about.files_of(f))) for f in files} if not found else {}
    found += [
        f"file {f} is of {own}, {g} of {one_child[g]}"
        for f, own in one_child.items()
        for g in own
        if one_child[g] != own
    ]
    for unsealing in CaseUnsealing.objects.filter(case__in=numbers).exclude(agreed_by=None):
        by_two = unsealing.asked_by_id != unsealing.agreed_by_id and unsealing.until_at is not None
        found += [] if by_two else [f"unsealing {unsealing.pk} is by one"]
    return found

"""Cases about a place, an organisation or an event: opened on the page by the first line of their own script, they lie
where their answers say, stand in a queue, and are told apart from the next one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from qingmiao.content.load import load_pack
from qingmiao.content.programmes import Programme
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.cases.models import KeptCase
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.demo.accounts import seats_of
from website.filed import HOME
from website.test_self_opening import seated

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
CHINA = load_pack(ROOT / "content" / "china")
ABOUT = ("place", "organisation", "event")
PROGRAMMES = sorted(i for i, p in CHINA.entries("programmes", Programme).items() if p.subject in ABOUT)


def first_line(programme: str) -> tuple[str, str, dict[str, Any]]:
    """The step, role and answers by which a script opens its case, at home in the county."""
    told = yaml.safe_load((ROOT / "content/china/tests/programmes" / f"{programme}.yaml").read_text("utf-8"))
    line = next(x for x in told if "refused" not in x.get("expect", {}) and "record" not in x)
    fields = {f.id: f for f in CHINA.entries("programmes", Programme)[programme].fields}
    answers = {k: HOME if fields[k].type == "area" else v for k, v in line["answers"].items() if k in fields}
    by = line["by"]
    return line["do"], by if isinstance(by, str) else by["role"], answers


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_it_is_opened_lies_where_it_says_and_stands_in_a_queue(programme: str, pack: Any, directory: None) -> None:
    step, role, answers = first_line(programme)
    opener = seated(seats_of(pack)[role], role, f"opener-{role}"[:30].replace("_", "-"))
    can = Reach(opener)
    done = api.open_case(can, programme, answers, step=step, operation=f"s-{programme}"[:40])
    assert done.done, done
    case = KeptCase.objects.get(pk=done.number)
    assert case.area == (HOME if HOME in answers.values() else opener.organisation.area_id)
    assert case.child_id is None
    found = api.case(can, case.pk)
    assert found.title.startswith(found.programme.card or programme)
    queues = [q for q in api.QUEUES if case.pk in {r.number for r in api.list_cases(can, api.QueueFilters(q)).rows}]
    assert "all" in queues
    rule = found.programme.same
    again = api.open_case(can, programme, answers, step=step, operation=f"t-{programme}"[:40])
    assert again.done
    same = [a.number for a in api.alike(can, found)]
    assert same == ([again.number] if rule is not None else [])


def test_the_form_that_opens_each_is_a_page(pack: Any, directory: None) -> None:
    assert len(PROGRAMMES) >= 20
    for programme in PROGRAMMES:
        step, role, _ = first_line(programme)
        name = f"page-{role}".replace("_", "-")[:30]
        opener = Person.objects.filter(username=name).first() or seated(seats_of(pack)[role], role, name)
        assert api.opening(Reach(opener), programme, step).form is not None

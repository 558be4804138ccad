"""A child's file as known on an earlier day: what was said, corrected, withdrawn or merged later is not in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from website.filed import a_child, born, doctor, mother, said
from website.growing import a_record, ago, days_ago

pytestmark = pytest.mark.django_db


def measured(child: int, days: int, weight: str):
    """A check of so many days ago, entered that day."""
    with days_ago(days):
        return a_record("child_check_12_30", ago(0), {"weight": weight, "length": "80"}, child=child)


def again(record, days: int, **columns):
    """Another version of a record, made so many days ago."""
    from qingmiao.site.apps.records.event_models import RecordVersion

    version = RecordVersion.objects.get(record=record)
    version.pk, version.number, version.at = None, 2, timezone.now() - timedelta(days=days)
    for name, value in columns.items():
        setattr(version, name, value)
    version.save()
    record.version, record.state = 2, "withdrawn" if version.withdrawn else "corrected"
    record.save()


@pytest.fixture
def file(make_person):
    """A child of two years whose file was made 500 days ago, with who keeps it."""
    from qingmiao.site.apps.directory.permissions import Reach

    who, birth = doctor(make_person), born(760)
    with days_ago(500):
        child = a_child(who, "演示旧名", birth=birth)
    return child, who, Reach(who)


def test_what_was_corrected_or_withdrawn_later_stands_as_it_was(file):
    from qingmiao.site.apps.records import api

    child, _, reach = file
    first, second = measured(child, 300, "10.0"), measured(child, 200, "11.0")
    again(first, 100, answers={**first.versions.get().answers, "weight": "10.8"})
    again(second, 50, withdrawn=True)

    def lines(days):
        found = api.known_on(reach, child, ago(days))
        return [(r.row.id, r.version, r.later.zh if r.later else "") for r in found.records]

    assert lines(301) == []
    assert lines(300) == [(first.pk, 1, "后来更正")]
    assert lines(150) == [(second.pk, 1, "后来撤销"), (first.pk, 1, "后来更正")]
    assert lines(100) == [(second.pk, 1, "后来撤销"), (first.pk, 2, "")]
    assert lines(50) == [(first.pk, 2, "")]
    assert "月龄，10，" in api.known_on(reach, child, ago(300)).curves[1]
    assert "月龄，10.8，" in api.known_on(reach, child, ago(60)).curves[1]


def test_identity_homes_and_relatives_are_those_of_the_day(file):
    from qingmiao.site.apps.records import api, given

    child, _, reach = file
    identity = said("演示新名", birth=born(760))
    api.amend(reach, child, version=1, identity=identity, reason="户口登记后更名")
    moved = given.stay(
        kind="residence", area="141029200", village="新村", address="", from_date=ago(20).isoformat()
    )  # fmt: skip
    api.move(reach, child, "reside", version=2, said={"stays": (moved,)})
    api.move(reach, child, "relate", version=3, said={"relative": mother("演示后母")})
    then = api.known_on(reach, child, ago(30))
    assert (then.row.name, then.row.village) == ("演示旧名", "演示村")
    assert [(s.village, s.to_date) for s in then.stays] == [("演示村", None)], "that it ends was not known"
    assert [s.village for s in api.known_on(reach, child, ago(10)).stays] == ["新村", "演示村"]
    assert api.page_of(reach, child).row.name == "演示新名"


def test_a_file_that_was_merged_later_is_not_in_it(file, make_person):
    from qingmiao.site.apps.records import api
    from qingmiao.site.apps.records.models import Child

    child, who, reach = file
    other = a_child(who, "演示旧名", birth=born(760), reason="确实是另一名儿童")
    record = measured(other, 200, "11.0")
    version = Child.objects.get(pk=other).version
    api.move(reach, other, "merge", version=version, said={"into": child, "reason": "核对后是同一名儿童"})
    assert [r.id for r in api.page_of(reach, child).records] == [record.pk]
    assert api.known_on(reach, child, ago(1)).records == ()


def test_the_page_asks_for_a_day_that_is_over_and_writes_down_the_look(file, browser_of):
    from qingmiao.site.apps.audit import api as audit

    child, who, _ = file
    browser, where = browser_of(who), reverse("records.known", args=(child,))
    assert "看到哪一天为止" in browser.get(where).content.decode()
    for day, told in (
        (ago(0), "还没有过完"), (ago(-5), "还没有过完"), (ago(501), "还没有这份档案"), ("2026-02-30", "这样的日期"),
    ):  # fmt: skip
        answer = browser.get(where, {"day": str(day)})
        assert (answer.status_code, told in answer.content.decode()) == (400, True), day
    measured(child, 300, "10.0")
    page = browser.get(where, {"day": ago(200).isoformat()}).content.decode()
    assert "当时的档案" in page
    assert "12～30" in page
    assert f"{ago(200).isoformat()} 当时的档案" in str(audit.of_object("child", child, limit=1)[0].detail)

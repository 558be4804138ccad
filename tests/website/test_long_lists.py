"""A long list is the worker's: it can be left and come back to, says how far it is, and is done whole or not at all."""

from __future__ import annotations

import pytest

from qingmiao.kernel.errors import UserError
from website.test_child_lists import HEADINGS, asked, births, book, pupil, reach, row, school  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def long(monkeypatch):
    """Every list is long; the jobs that were put down."""
    from qingmiao.site.apps.records import list_work

    jobs: list[int] = []
    monkeypatch.setattr(list_work, "AT_ONCE", 0)
    monkeypatch.setattr(list_work, "_defer", jobs.append)
    return jobs


def test_a_long_list_is_checked_imported_and_taken_back_by_the_worker(school, long, browser_of):  # noqa: F811
    from django.urls import reverse

    from qingmiao.site.apps.records import list_showing, list_work, lists
    from qingmiao.site.apps.records.event_models import HealthRecord
    from qingmiao.site.apps.records.list_models import ListProgress

    _, person, _ = school
    b, can = births(), reach(person)
    pupil(school, "演示甲", b[0])
    data = book(HEADINGS, row("演示甲", b[0]))
    made = lists.receive(can, "fitness_upload", name="体测.xlsx", data=data, asked=asked(), headings=None)
    assert long == [made]
    client, page = browser_of(person), reverse("records.listed", args=[made])
    shown = client.get(page).content.decode()
    assert "正在读取和核对" in shown
    assert "全部导入" not in shown
    with pytest.raises(UserError, match="正在处理"):
        list_work.start(can, lists.found(can, made), "recheck")
    with list_work.FarTold(made) as tell:
        tell(1, 4)
        tell(2, 4)
    far = list_showing.page(can, made).progress
    assert (far.done, far.total, far.percent) == (1, 4, 25), "the second line comes too soon after the first"
    list_work.carry_out(made)
    assert "全部导入" in client.get(page).content.decode()
    assert client.get(reverse("records.far", args=[made])).headers["HX-Refresh"] == "true"

    client.post(page, {"do": "import", "version": "1"})
    assert not HealthRecord.objects.exists()
    assert "正在导入" in client.get(page).content.decode()
    list_work.carry_out(made)
    assert HealthRecord.objects.get().state == "recorded"
    assert (ListProgress.objects.get().done, ListProgress.objects.get().phase) == (1, "")
    list_work.carry_out(made)
    assert HealthRecord.objects.count() == 1, "a job that is done again does nothing"
    client.post(page, {"do": "undo", "version": "2", "reason": "传错了学校的表"})
    list_work.carry_out(made)
    assert HealthRecord.objects.get().state == "withdrawn"
    assert long == [made] * 3


def test_what_cannot_be_done_leaves_nothing_and_its_page_says_why(school, long, browser_of):  # noqa: F811
    from django.urls import reverse

    from qingmiao.site.apps.records import list_work, lists
    from qingmiao.site.apps.records.event_models import HealthRecord
    from qingmiao.site.apps.records.models import Child

    _, person, _ = school
    b, can = births(), reach(person)
    first = pupil(school, "演示甲", b[0])
    pupil(school, "演示乙", b[1])
    data = book(HEADINGS, row("演示乙", b[1]), row("演示甲", b[0]))
    made = lists.receive(can, "fitness_upload", name="体测.xlsx", data=data, asked=asked(), headings=None)
    list_work.carry_out(made)
    lists.write(can, made, version=1)
    Child.objects.filter(pk=first).update(school_unit=None, grade="")
    with pytest.raises(UserError, match="现在找不到这名儿童") as why:
        list_work.carry_out(made)
    list_work.gave_up(made, str(why.value))
    assert not HealthRecord.objects.exists()
    shown = browser_of(person).get(reverse("records.listed", args=[made])).content.decode()
    assert "上一步没有完成" in shown
    assert "全部导入" in shown

    broken = lists.receive(can, "fitness_upload", name="坏.xlsx", data=b"PK\x03\x04nothing", asked={}, headings=None)
    with pytest.raises(UserError, match=r"坏\.xlsx"):
        list_work.carry_out(broken)
    list_work.gave_up(broken, "坏.xlsx：文件损坏")
    assert lists.ChildList.objects.get(pk=broken).state == "reading"
    lists.drop(can, broken, version=1)
    assert lists.ChildList.objects.get(pk=broken).state == "dropped"

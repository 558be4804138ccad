"""Keys of sealed columns: a new version, everything brought under it bit by bit, the old one taken away; nothing is
lost."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.db import ProgrammingError, models, transaction

from qingmiao.cli import main
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.records import api, by_number, rekeying, sealing
from qingmiao.site.apps.records.models import Child, ChildVersion, Relative
from website.filed import a_child, a_kept_list, a_number, born, keeper, mother

pytestmark = pytest.mark.django_db
NUMBER, PHONE = a_number(born(), "F"), "13800000000"


class EndedError(Exception):
    """The run is ended from outside."""


@pytest.fixture
def keys_of_test(tmp_path: Any, settings: Any) -> None:
    """A key file of the test's own: other tests keep theirs."""
    settings.HOME = tmp_path


@pytest.fixture
def children(keys_of_test: None, make_person: Any) -> list[int]:
    by = keeper(make_person)
    first = a_child(by, number=NUMBER, certificate="M790000001", relatives=(mother(number=a_number(born(9999), "F")),))
    found = [first, *(a_child(by, f"演示娃{n}", birth=born(n * 40), reason="确实不是同一名儿童") for n in range(1, 6))]
    a_kept_list(by, "township.141029100")
    return found


def everything() -> list[str]:
    """All that is sealed, in words."""
    found = [sealing.opened(sealing.CHILD, sealing.NUMBER, c.pk, c.number_sealed) for c in Child.objects.order_by("pk")]
    for r in Relative.objects.order_by("pk"):
        found += [
            sealing.opened(sealing.RELATIVE, what, r.pk, data)
            for what, data in (("phone", r.phone_sealed), ("number", r.number_sealed))
        ]
    return found


def told(done: int, total: int) -> None:
    """A run that nobody watches."""


def test_every_sealed_column_of_every_model_is_rotated() -> None:
    there = {
        f"{m._meta.db_table}.{f.name}"
        for m in apps.get_models()
        for f in m._meta.get_fields()
        if isinstance(f, models.BinaryField) and f.name.endswith("_sealed")
    }
    indexes = {
        f"{m._meta.db_table}.{f.name}"
        for m in apps.get_models()
        for f in m._meta.get_fields()
        if isinstance(f, models.BinaryField) and f.name.endswith("_index")
    }
    named = {f"{c.model._meta.db_table}.{c.index}" for c in rekeying.SEALED if c.index}
    assert there == {c.name for c in rekeying.SEALED}
    assert indexes == named | {f"{rekeying.PHONES[0]._meta.db_table}.{rekeying.PHONES[1]}"}


def test_a_run_that_is_ended_halfway_is_begun_again_and_everything_is_found_meanwhile(
    children: list[int], monkeypatch: Any
) -> None:
    before, pseudonym = everything(), sealing.pseudonym(children[0])
    under = rekeying.standing()
    assert list(under) == [1]
    assert rekeying.new() == 2
    monkeypatch.setattr(rekeying, "SEALED", tuple(replace(c, batch=1) for c in rekeying.SEALED))

    def end(done: int, total: int) -> None:
        assert done <= total
        if done == 3:
            raise EndedError

    with pytest.raises(EndedError):
        rekeying.rotate(end)
    half = rekeying.standing()
    assert set(half) == {1, 2}
    assert everything() == before
    assert Child.objects.filter(by_number.number_where(NUMBER)).get().pk == children[0]
    with pytest.raises(UserError, match="还有"):
        rekeying.retire(1)
    assert rekeying.rotate(told) > 0
    assert rekeying.standing() == {2: sum(under.values())}
    assert rekeying.rotate(told) == 0
    rekeying.retire(1)
    sealing.forget()
    assert [v.number for v in rekeying.listed()] == [2]
    assert everything() == before
    assert sealing.pseudonym(children[0]) == pseudonym
    assert Child.objects.filter(by_number.number_where(NUMBER)).get().pk == children[0]
    assert Child.objects.filter(by_number.number_where("M790000001")).get().pk == children[0]
    assert Child.objects.filter(phone_index__in=sealing.phone_marks(PHONE)).count() == len(children)
    actions = Event.objects.filter(action__startswith="records.keys").order_by("pk").values_list("action", flat=True)
    assert [a.rpartition(".")[2] for a in actions] == ["new", "rotate", "rotate", "retire"]


def test_somebody_who_saves_meanwhile_loses_nothing(children: list[int], make_person: Any, monkeypatch: Any) -> None:
    rekeying.new()
    written = rekeying._written

    def overtaken(column: Any, ring: Any, number: int, row: int, sealed: bytes) -> list[object]:
        made = written(column, ring, number, row, sealed)
        if column.index == "certificate_index" and column.model is Child:
            Child.objects.filter(pk=number).update(
                certificate_sealed=sealing.seal(sealing.CHILD, sealing.CERTIFICATE, number, "M790000002"),
                certificate_index=sealing.number_index("M790000002"),
            )
        return made

    monkeypatch.setattr(rekeying, "_written", overtaken)
    rekeying.rotate(told)
    assert Child.objects.filter(by_number.number_where("M790000002")).get().pk == children[0]


def test_a_number_under_the_old_key_is_taken_and_a_phone_that_nobody_has_any_more_is_forgotten(
    children: list[int], make_person: Any
) -> None:
    rekeying.new()
    with pytest.raises(api.NotAllowedError, match="已经建档"):
        a_child(keeper(make_person), "演示别娃", number=NUMBER, reason="确实不是同一名儿童")
    Relative.objects.filter(relations__child=children[1]).update(phone_sealed=None)
    rekeying.rotate(told)
    assert Child.objects.get(pk=children[1]).phone_index is None
    assert Child.objects.get(pk=children[2]).phone_index is not None


def test_the_newest_version_and_an_unknown_one_are_not_retired(children: list[int]) -> None:
    for version, words in ((1, "正在使用"), (7, "没有第 7 版")):
        with pytest.raises(UserError, match=words):
            rekeying.retire(version)


def test_a_version_changes_nothing_but_its_key(children: list[int]) -> None:
    version = ChildVersion.objects.filter(child=children[0])
    number = sealing.seal(sealing.CHILD, sealing.NUMBER, children[0], "790000201001011234")
    for change in ({"name": "别人"}, {"number_sealed": None}, {"number_sealed": number}):
        with pytest.raises(ProgrammingError, match="append only"), transaction.atomic():
            version.update(**change)
    rekeying.new()
    number = sealing.seal(sealing.CHILD, sealing.NUMBER, children[0], NUMBER)
    with pytest.raises(ProgrammingError, match="append only"), transaction.atomic():
        version.update(number_sealed=number, name="别人")
    assert version.update(number_sealed=number) == 1


def test_the_commands_do_it_and_say_so(children: list[int], monkeypatch: Any) -> None:
    monkeypatch.setattr("qingmiao.cli.keys.open_site", lambda home=None: nullcontext())

    def said(*words: str) -> str:
        return CliRunner().invoke(main, ["keys", *words], catch_exceptions=False).output

    assert "第 1 版\t在用\tAES-256-GCM" in said("list")
    assert "第 2 版密钥已经启用" in said("new")
    with pytest.raises(SystemExit):
        main.main(["keys", "retire", "1"])
    told = said("rotate")
    assert "已换" in told
    assert "全部换好" in told
    assert "没有要换的" in said("rotate")
    assert "第 1 版密钥已停用" in said("retire", "1")
    assert "第 1 版" not in said("list")

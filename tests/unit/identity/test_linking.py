"""Linking: what is joined and what never is, registers of every kind of noise, any order of rows, one pair as a
batch."""

from __future__ import annotations

import math
from collections import Counter

import pyarrow as pa
import pytest

from qingmiao.demo.registers import COLUMNS, PROFILES, registers
from qingmiao.identity.linking.batch import key_records, link, rarity, weigh
from qingmiao.identity.linking.candidates import candidates
from qingmiao.identity.linking.keys import Keys, PersonRecord, keys
from qingmiao.identity.linking.scoring import probability, score
from qingmiao.identity.numbers import check_character

CHILDREN = 700


def numbered(order: str, birth: str = "20190305") -> str:
    body = f"790101{birth}{order}"
    return body + check_character(body)


def table(*rows: str) -> pa.Table:
    """Records written as one line each; ``-`` is an empty cell."""
    cells = [[None if cell == "-" else cell for cell in row.split()] for row in rows]
    return pa.table(
        {name: [row[place] for row in cells] for place, name in enumerate(COLUMNS)},
        schema=pa.schema([(name, pa.string()) for name in COLUMNS]),
    )


def together(*rows: str) -> list[list[str]]:
    """The clusters of more than one record."""
    clusters: dict[str, list[str]] = {}
    for row in link(table(*rows)).clusters.to_pylist():
        clusters.setdefault(row["entity"], []).append(row["record_id"])
    return [sorted(found) for found in clusters.values() if len(found) > 1]


A = f"a 户籍 张雨桐 F 2019-03-05 {numbered('002')} 张伟 13800001111 790101101201"


@pytest.mark.parametrize(
    "other",
    [
        "b 出生 李丽之女 F 2019-03-05 - 李丽 13800001111 790101101000",
        "b 学籍 张宇彤 F 2019-03-05 - 张伟 13800001111 790101101000",
        "b 学籍 张雨桐 F 2019-05-03 - 张伟 - 790101101201",
        "b 学籍 张雨桐 F 2018-03-05 - 张伟 - 790101101201",
        "b 学籍 张雨桐 F 2019-01-29 - 张伟 - 790101101201",  # the lunar day of 5 March 2019
        f"b 学籍 张雨桐 F 2019-03-05 {numbered('002')[:-2] + numbered('002')[-1] + numbered('002')[-2]} - - 790101105201",
        f"b 学籍 張雨桐 M 20190305 {numbered('002').lower()} - - -",
        "b 接种 张某 F 2019-03-05 - 张伟 13800001111 790101101201",
        "b 接种 张□桐 F 2019年3月5日 - 张伟 13800001111 790101101201",
        "b 接种 zhangyutong F 2019-03-05 - 张伟 13800001111 790101101201",
        "b 接种 李雨桐 F 2019-03-05 - 张伟 13800001111 790101101201",
    ],
)
def test_records_of_one_child_are_found_together(other):
    assert together(A, other) == [["a", "b"]]


@pytest.mark.parametrize(
    "other", ["b 学籍 张雨桐 F 2019-03-05 - - - -", "b 学籍 张宇彤 F 2019-03-05 - - - 790101101000"]
)
def test_two_records_alone_are_judged_as_in_a_county(other):
    assert together(A, other) == [["a", "b"]]


@pytest.mark.parametrize(
    "other",
    [
        f"b 户籍 张雨辰 F 2019-03-05 {numbered('004')} 张伟 13800001111 790101101201",  # a twin
        "b 学籍 张雨辰 F 2019-03-05 - 张伟 13800001111 790101101201",  # a twin without a number
        "b 学籍 张思远 M 2019-03-05 - 张伟 13800001111 790101101201",
        "b 学籍 张雨桐 F 2016-08-21 - 王强 13900002222 790101109201",  # a namesake
        f"b 学籍 张雨桐 F 2019-03-05 {numbered('026')} 王强 13900002222 790101109201",  # born on the same day
        "b 学籍 张雨桐 F 2019-03-05 - 王强 13900002222 790101109201",  # and without a number
        "b 学籍 张雨萱 F 2021-06-09 - 张伟 13800001111 790101101201",  # a sister
    ],
)
def test_twins_namesakes_and_sisters_stay_apart(other):
    assert together(A, other) == []


def test_a_newborn_of_two_that_fits_both_twins_gets_neither():
    one = "t1 接种 张雨桐 F 2019-03-05 - 李丽 13800001111 790101101201"
    other = "t2 接种 张思远 F 2019-03-05 - 李丽 13800001111 790101101201"
    assert together("n 出生 李丽之女 F 2019-03-05 - 李丽 13800001111 790101101201", one, other) == []


def test_unnamed_twins_and_twins_of_like_sound_stay_apart():
    twins = [f"{name} 出生 李丽之{name}双 F 2019-03-05 - 李丽 13800001111 790101101201" for name in "大小"]
    assert together(*twins) == []
    assert together(twins[0], "b 接种 张雨桐 F 2019-03-05 - 李丽 13800001111 790101101201") == []
    alike = [f"{name} 接种 张雨{name} F 2019-03-05 - 李丽 13800001111 790101101201" for name in "晨辰"]
    assert together(*alike) == []


def test_a_true_duplicate_within_a_register_is_found():
    assert together(A, A.replace("a 户籍", "b 户籍")) == [["a", "b"]]


def test_no_cluster_joins_what_a_third_record_seems_to_join():
    bridge = "c 接种 张雨桐 F 2019-03-05 - - - 790101101201"
    found = together(A, A.replace("a 户", "b 户").replace(numbered("002"), numbered("024")), bridge)
    assert all(not {"a", "b"} <= set(cluster) for cluster in found)


def judged(entities: list[str], truth: list[int]) -> tuple[float, float]:
    """Precision and recall over pairs."""

    def pairs(counts: Counter) -> int:
        return sum(count * (count - 1) // 2 for count in counts.values())

    right = pairs(Counter(zip(entities, truth, strict=True)))
    return right / pairs(Counter(entities)), right / pairs(Counter(truth))


@pytest.mark.parametrize(
    ("profile", "recall"),
    [("clean", 0.975), ("ordinary", 0.965), ("dirty", 0.935), ("numberless", 0.955), ("no_guardians", 0.98)],
)
def test_made_up_registers_are_linked(profile, recall):
    records, truth = registers(CHILDREN, seed=11, noise=PROFILES[profile])
    told = dict(zip(records["record_id"].to_pylist(), truth.to_pylist(), strict=True))
    clusters = link(records).clusters
    found = judged(clusters["entity"].to_pylist(), [told[name] for name in clusters["record_id"].to_pylist()])
    assert found[0] >= 0.995
    assert found[1] >= recall


def test_the_order_of_rows_decides_nothing():
    records, _ = registers(150, seed=5)
    order = pa.array(list(reversed(range(records.num_rows))))
    one, other = link(records), link(records.take(order))
    assert one.pairs.equals(other.pairs)
    assert one.clusters.equals(other.clusters)


def test_probabilities_agree_with_the_clusters():
    records, _ = registers(300, seed=6, noise=PROFILES["dirty"])
    linked = link(records)
    entity = dict(zip(*(linked.clusters[name].to_pylist() for name in ("record_id", "entity")), strict=True))
    for pair in linked.pairs.to_pylist():
        assert pair["left"] < pair["right"]
        assert (pair["probability"] >= 0.5) == (entity[pair["left"]] == entity[pair["right"]])


def test_one_pair_scores_as_in_a_batch():
    records, _ = registers(200, seed=8, noise=PROFILES["dirty"])
    keyed = key_records(records)
    known = rarity(keyed)
    rows = [Keys(**{name: row[name] for name in Keys.__dataclass_fields__}) for row in keyed.to_pylist()]
    weighed = weigh(keyed).to_pylist()
    assert sum(not pair["forbidden"] for pair in weighed) > 400
    assert sum(pair["forbidden"] for pair in weighed) > 10
    for pair in weighed:
        told = score(rows[pair["left"]], rows[pair["right"]], known)
        if pair["forbidden"]:
            assert told.probability == 0
            continue
        assert told.bits == pytest.approx(pair["bits"], abs=1e-6), told
        assert told.probability == pytest.approx(probability(pair["bits"]))
        assert told.reasons


def test_a_veto_scores_nothing_and_says_why():
    one = Keys(name="张雨桐", number=numbered("002"), right=True)
    other = Keys(name="张雨桐", number=numbered("004"), right=True)
    told = score(one, other)
    assert (told.probability, told.bits) == (0.0, -math.inf)
    assert told.reasons == ("两个证件号码都有效而不相同",)


def test_one_child_finds_in_a_register_what_a_batch_pairs_it_with():
    records, _ = registers(250, seed=9, noise=PROFILES["dirty"])
    keyed = key_records(records)
    known = rarity(keyed)
    rows = [Keys(**{name: row[name] for name in Keys.__dataclass_fields__}) for row in keyed.to_pylist()]

    def find(asked):
        return [
            (row, other)
            for row, other in enumerate(rows)
            if any(all(getattr(other, column) == value for column, value in wanted.items()) for wanted in asked)
        ]

    paired: dict[int, set[int]] = {}
    for pair in weigh(keyed).to_pylist():
        if not pair["forbidden"] and probability(pair["bits"]) >= 0.1:
            paired.setdefault(pair["left"], set()).add(pair["right"])
            paired.setdefault(pair["right"], set()).add(pair["left"])
    for row in range(0, len(rows), 7):
        found = candidates(rows[row], find, known)
        assert {candidate.name for candidate in found} - {row} == paired.get(row, set())
        assert [c.score.bits for c in found] == sorted((c.score.bits for c in found), reverse=True)


def test_the_keys_of_one_record_are_those_of_a_table():
    records, _ = registers(120, seed=10, noise=PROFILES["dirty"])
    keyed = key_records(records).to_pylist()
    for row, record in enumerate(records.to_pylist()):
        one = keys(
            PersonRecord(
                *(record[name] for name in ("name", "sex", "birth_date", "id_number", "guardian_name")),
                record["guardian_phone"],
                record["area_code"],
            )
        )
        assert {name: keyed[row][name] for name in Keys.__dataclass_fields__} == {
            name: getattr(one, name) for name in Keys.__dataclass_fields__
        }

"""What vaccine and dose cells may say, and what is said of those that say nothing known."""

from __future__ import annotations

import pytest

from qingmiao.kernel.misread import MisreadError
from qingmiao.standards import norm_tables
from qingmiao.standards.immunisation import catch_up, schedule
from qingmiao.standards.immunisation.cells import read_dose
from qingmiao.standards.immunisation.names import UnclearNameError, read_vaccine


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("乙肝疫苗", "HepB"), ("重组乙型肝炎疫苗（酿酒酵母）", "HepB"), ("乙肝(汉逊酵母)", "HepB"), ("ｈｅｐｂ", "HepB"), (" HepB ", "HepB"),
        ("卡介苗", "BCG"), ("皮内注射用卡介苗", "BCG"), ("百白破", "DTaP"), ("吸附无细胞百白破联合疫苗", "DTaP"), ("百白破疫苗第3剂", "DTaP"),
        ("麻腮风", "MMR"), ("ＭＭＲ", "MMR"), ("麻疹腮腺炎风疹联合减毒活疫苗", "MMR"), ("麻风", "MR"), ("麻疹疫苗", "MV"),
        ("脊灰灭活", "IPV"), ("脊灰灭活 IPV", "IPV"), ("Sabin株脊髓灰质炎灭活疫苗（Vero细胞）", "IPV"), ("sIPV", "IPV"),
        ("二价脊灰减毒 bOPV", "bOPV"), ("脊灰糖丸", "bOPV"), ("口服Ⅰ型Ⅲ型脊髓灰质炎减毒活疫苗（人二倍体细胞）", "bOPV"), ("tOPV", "bOPV"),
        ("A群流脑", "MPSV-A"), ("Ａ群脑膜炎球菌多糖疫苗", "MPSV-A"), ("A+C群流脑", "MPSV-AC"), ("Ａ＋Ｃ群流脑", "MPSV-AC"),
        ("A群C群脑膜炎球菌多糖疫苗", "MPSV-AC"), ("mpsv_ac", "MPSV-AC"), ("流脑A+C结合", "MPCV-AC"), ("曼海欣", "MPCV-ACYW"),
        ("乙脑减毒活", "JE-L"), ("乙型脑炎减毒活疫苗", "JE-L"), ("乙型脑炎灭活疫苗（Vero细胞）", "JE-I"), ("JE-L", "JE-L"),
        ("甲肝减毒活", "HepA-L"), ("冻干甲型肝炎减毒活疫苗", "HepA-L"), ("甲肝灭活疫苗", "HepA-I"), ("孩尔来福", "HepA-I"),
        ("五联", "DTaP-IPV-Hib"), ("潘太欣", "DTaP-IPV-Hib"), ("五联 潘太欣", "DTaP-IPV-Hib"), ("四联", "DTaP-Hib"), ("白破", "DT"),
        ("双价HPV疫苗", "2vHPV"), ("馨可宁", "2vHPV"), ("九价HPV", "9vHPV"), ("4价HPV", "4vHPV"), ("HPV疫苗", "HPV"),
        ("宫颈癌疫苗", "HPV"),
        ("乙肝免疫球蛋白", "IG"), ("水痘减毒活疫苗", "VarV"), ("流感疫苗", "other"), ("13价肺炎球菌多糖结合疫苗", "other"), ("Hib", "other"),
        ("EV71", "other"),
    ],
)  # fmt: skip
def test_names(text: str, code: str) -> None:
    assert read_vaccine(text) == code


@pytest.mark.parametrize(
    ("text", "series"),
    [("脊灰疫苗", ("polio",)), ("乙脑", ("JE",)), ("流脑疫苗", ("MPSV",)), ("甲肝疫苗", ("HepA",)), ("甲乙肝联合疫苗", ("HepA", "HepB"))],
)  # fmt: skip
def test_a_name_that_fits_several_vaccines_leaves_open_its_own_series_only(text: str, series: tuple[str, ...]) -> None:
    with pytest.raises(UnclearNameError, match="分不清") as raised:
        read_vaccine(text)
    assert raised.value.series == series
    assert raised.value.nearest


@pytest.mark.parametrize(
    ("text", "nearest"), [("乙肝疫描", "HepB"), ("DTaPP", "DTaP"), ("麻腮疯疫苗", "MMR"), ("％", "")]
)
def test_an_unknown_name_is_refused_with_the_nearest(text: str, nearest: str) -> None:
    with pytest.raises(MisreadError, match="不是认得的疫苗") as raised:
        read_vaccine(text)
    assert nearest in raised.value.nearest


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("2.0", 2), ("第3剂", 3), ("第二针", 2), ("４", 4), ("2剂次", 2)],
)
def test_dose_numbers(text: str, number: int) -> None:
    assert read_dose(text) == number


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "99", "加强", "一二", "inf", "1e1"])
def test_no_dose_numbers(text: str) -> None:
    with pytest.raises(MisreadError, match="不是第几剂"):
        read_dose(text)


def test_every_rule_and_interval_says_where_it_comes_from() -> None:
    assert all(rule.document and rule.sentence and rule.check for rule in catch_up.rules().values())
    unsourced = {rule.name for rule in catch_up.rules().values() if not rule.sourced}
    assert {"hepb_third_after_first", "polio_two_ipv_from", "dt_third_after_second"} <= unsourced
    for row in norm_tables.rows(schedule.SUBJECT, "schedule.csv"):
        assert bool(row["min_interval_from_previous"]) == bool(row["interval_source"]), row

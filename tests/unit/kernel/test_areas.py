import pytest

from qingmiao.kernel.areas import AreaLevel, AreaNode, AreaTree

COUNTY = AreaNode("990001", "甲县", AreaLevel.COUNTY)
TOWN = AreaNode("990001101", "乙镇", AreaLevel.TOWNSHIP, "990001", (("residence", "urban"),))
VILLAGE = AreaNode("990001101201", "丙村", AreaLevel.VILLAGE, "990001101")


def test_ancestors_and_descendants() -> None:
    tree = AreaTree((COUNTY, TOWN, VILLAGE))
    assert tree.ancestor("990001101201", AreaLevel.COUNTY) == COUNTY
    assert tree.ancestor("990001", AreaLevel.TOWNSHIP) is None
    assert tree.under("990001", AreaLevel.VILLAGE) == (VILLAGE,)


def test_an_attribute_is_inherited_from_above() -> None:
    tree = AreaTree((COUNTY, TOWN, VILLAGE))
    assert tree.attribute("990001101201", "residence") == "urban"
    assert tree.attribute("990001", "residence") is None


def test_a_circle_is_refused() -> None:
    a = AreaNode("01", "a", AreaLevel.COUNTY, "02")
    b = AreaNode("02", "b", AreaLevel.COUNTY, "01")
    with pytest.raises(ValueError, match="circle"):
        AreaTree((a, b))


def test_a_code_stands_once() -> None:
    with pytest.raises(ValueError, match="duplicate"):
        AreaTree((COUNTY, COUNTY))

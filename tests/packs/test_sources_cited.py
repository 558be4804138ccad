"""Every source in the packs is cited as an official would; what is not known stands on its page, never in the line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import BaseModel

from qingmiao.content import load_pack
from qingmiao.content.base import EvidenceMark, Source
from qingmiao.content.citing import cited, method_cited
from qingmiao.content.pack import Pack
from qingmiao.content.sources_page import missing, page

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("china", "xiangning", "outline-2020", "outline-2030")
NEVER = re.compile(
    r"转载|转引|网页|https?:|www\.|词条|词典|报道|(?<!校外)培训|算式|核实|seen|general_knowledge"
    r"|某[省市县儿]|\d+(\.\d+)?\s*[÷×＋+＝=]\s*\d|[÷×＝]|。$|，，|（）|《》|《《|》》"
)
IN_THE_TITLE = re.compile(r"〔\d{4}〕|令第\d|[A-Z]{2}(/T)? \d+(\.\d+)?[—-]\d{4}")


@pytest.fixture(scope="module")
def packs() -> Mapping[str, Pack]:
    return {name: load_pack(ROOT / "content" / name) for name in NAMES}


def sources(value: object) -> Iterator[Source]:
    """Every source within a value of content."""
    if isinstance(value, Source):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from sources(getattr(value, name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from sources(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from sources(one)


@pytest.mark.parametrize("name", NAMES)
def test_every_indicator_s_source_line_is_one_that_an_official_would_write(
    name: str, packs: Mapping[str, Pack]
) -> None:
    indicators = packs[name].indicators
    assert indicators
    assert not {i.id: line for i in indicators.values() if NEVER.search(line := method_cited(i.source))}


@pytest.mark.parametrize("name", NAMES)
def test_so_is_every_other_source_and_its_number_stands_apart_from_its_title(
    name: str, packs: Mapping[str, Pack]
) -> None:
    pack = packs[name]
    found = [s for f in fields(pack) for s in sources(getattr(pack, f.name))]
    assert len(found) >= len(pack.indicators)
    assert not [line for s in found if NEVER.search(line := cited(s))]
    assert not [s.document for s in found if IN_THE_TITLE.search(s.document + s.place)]


def test_the_national_documents_carry_authority_and_number(packs: Mapping[str, Pack]) -> None:
    lines = {i.id: method_cited(i.source) for i in packs["china"].indicators.values()}
    assert lines["health.fitness_pass"].startswith("教育部《国家学生体质健康标准（2014年修订）》（教体艺〔2014〕5号）")
    assert lines["welfare.left_behind"].startswith(
        "国务院《关于加强农村留守儿童关爱保护工作的意见》（国发〔2016〕13号）"
    )
    assert lines["law.staff_checked"] == "《中华人民共和国未成年人保护法》第六十二条"


def test_what_is_not_known_is_named() -> None:
    assert missing(Source(evidence=EvidenceMark.GENERAL_KNOWLEDGE)) == ("文件",)
    whole = {"authority": "国务院", "document": "意见", "number": "国发〔2016〕13号", "place": "第一条"}
    assert missing(Source.model_validate(whole)) == ()
    for part, said in (("authority", "发文机关"), ("number", "文号"), ("place", "条款")):
        assert said in missing(Source.model_validate(whole | {part: ""}))


def test_the_page_of_what_is_not_known_is_the_one_printed(packs: Mapping[str, Pack]) -> None:
    written = (ROOT / "docs/reference/sources-unknown.md").read_text("utf-8")
    assert written == page(packs.values()), "stale: python tools/source_docs.py"

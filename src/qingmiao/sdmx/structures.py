"""A structure as SDMX-ML 3.0: dataflow, code lists, concepts and data structure, each name in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from qingmiao.sdmx.model import SdmxCode, SdmxCodelist, SdmxComponent, SdmxStructure

ROOT = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/"
SPACES = {"mes": "message", "str": "structure", "com": "common"}
BEGIN = '<?xml version="1.0" encoding="UTF-8"?>\n'
TEXT = {
    "String": '<str:TextFormat textType="String"/>',
    "Integer": '<str:TextFormat textType="Integer"/>',
    "Decimal": '<str:TextFormat textType="Decimal"/>',
    "ObservationalTimePeriod": '<str:TextFormat textType="ObservationalTimePeriod"/>',
}


def spaces(*more: str) -> str:
    """The declarations of the namespaces of a message."""
    told = [f'xmlns:{short}="{ROOT}{name}"' for short, name in SPACES.items()]
    return " ".join([*told, 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"', *more])


def header(id_: str, prepared: datetime, agency: str, *, is_test: bool, more: str = "") -> str:
    """The header of a message: its id, when it was made, by whom, and whether its data are made up."""
    at = prepared.isoformat(timespec="seconds")
    return (
        f"<mes:Header><mes:ID>{id_}</mes:ID><mes:Test>{'true' if is_test else 'false'}</mes:Test>"
        f'<mes:Prepared>{at}</mes:Prepared><mes:Sender id="{agency}"/>{more}</mes:Header>\n'
    )


def as_structure_xml(structure: SdmxStructure, prepared: datetime, *, is_test: bool) -> bytes:
    """The structure message, UTF-8."""
    s = structure
    parts = [
        BEGIN, f"<mes:Structure {spaces()}>\n",
        header(f"S{s.version.replace('.', '-')}", prepared, s.agency, is_test=is_test),
        "<mes:Structures>\n<str:Dataflows>", _begin(s, "Dataflow", s.flow), _names(s.zh, s.en),
        f"<str:Structure>{s.urn('datastructure.DataStructure', s.dsd)}</str:Structure>",
        "</str:Dataflow></str:Dataflows>\n",
        "<str:Codelists>\n", *(_codelist(s, c) for c in s.codelists), "</str:Codelists>\n",
        "<str:ConceptSchemes>", _begin(s, "ConceptScheme", s.concepts), _names("概念", "Concepts"), "\n",
        *(f'<str:Concept id="{c.id}">{_names(c.zh, c.en)}</str:Concept>\n' for c in s.components),
        "</str:ConceptScheme></str:ConceptSchemes>\n<str:DataStructures>", _begin(s, "DataStructure", s.dsd),
        _names(s.zh, s.en), "<str:DataStructureComponents>\n", *_components(s),
        "</str:DataStructureComponents></str:DataStructure></str:DataStructures>\n</mes:Structures></mes:Structure>\n",
    ]  # fmt: skip
    return "".join(parts).encode()


def _begin(s: SdmxStructure, kind: str, id_: str) -> str:
    return f'<str:{kind} id="{id_}" agencyID="{s.agency}" version="{s.version}" isExternalReference="false">'


def _names(zh: str, en: str, tag: str = "Name") -> str:
    told = f'<com:{tag} xml:lang="zh">{escape(zh)}</com:{tag}>'
    return told + (f'<com:{tag} xml:lang="en">{escape(en)}</com:{tag}>' if en else "")


def _codelist(s: SdmxStructure, codelist: SdmxCodelist) -> str:
    codes = "".join(_code(c) for c in codelist.codes)
    return f"{_begin(s, 'Codelist', codelist.id)}{_names(codelist.zh, codelist.en)}\n{codes}</str:Codelist>\n"


def _code(code: SdmxCode) -> str:
    notes = "".join(
        f"<com:Annotation><com:AnnotationTitle>{escape(n.title)}</com:AnnotationTitle><com:AnnotationType>"
        f"{escape(n.type)}</com:AnnotationType>{_names(n.zh, n.en, 'AnnotationText')}</com:Annotation>"
        for n in code.notes
    )
    noted = f"<com:Annotations>{notes}</com:Annotations>" if notes else ""
    about = _names(code.about, "", "Description") if code.about else ""
    return f"<str:Code id={quoteattr(code.id)}>{noted}{_names(code.zh, code.en)}{about}</str:Code>\n"


def _components(s: SdmxStructure) -> Iterator[str]:
    yield "<str:DimensionList>\n"
    for position, c in enumerate(s.of("dimension"), 1):
        yield f'<str:Dimension id="{c.id}" position="{position}">{_of(s, c)}</str:Dimension>\n'
    for c in s.of("time"):
        yield f'<str:TimeDimension id="{c.id}">{_of(s, c)}</str:TimeDimension>\n'
    yield "</str:DimensionList><str:AttributeList>\n"
    for c in s.of("attribute"):
        yield f'<str:Attribute id="{c.id}" usage="{_usage(c)}">{_of(s, c)}<str:AttributeRelationship>'
        yield "<str:Observation/></str:AttributeRelationship></str:Attribute>\n"
    yield "</str:AttributeList><str:MeasureList>\n"
    for c in s.of("measure"):
        yield f'<str:Measure id="{c.id}" usage="{_usage(c)}">{_of(s, c)}</str:Measure>\n'
    yield "</str:MeasureList>"


def _usage(c: SdmxComponent) -> str:
    return "mandatory" if c.mandatory else "optional"


def _of(s: SdmxStructure, c: SdmxComponent) -> str:
    """Which concept a component is, and of which values."""
    listed = f"<str:Enumeration>{s.urn('codelist.Codelist', c.codelist)}</str:Enumeration>"
    return (
        f"<str:ConceptIdentity>{s.urn('conceptscheme.Concept', s.concepts, c.id)}</str:ConceptIdentity>"
        f"<str:LocalRepresentation>{listed if c.codelist else TEXT[c.type]}</str:LocalRepresentation>"
    )

"""Rows as SDMX-CSV 2.0 and as SDMX-ML 3.0 (structure-specific, flat)."""

from __future__ import annotations

import csv
import io
from xml.sax.saxutils import quoteattr

from qingmiao.sdmx.model import SdmxData
from qingmiao.sdmx.structures import BEGIN, header, spaces

LEADING = ("STRUCTURE", "STRUCTURE_ID", "ACTION")
"""What stands before the columns of a structure: which kind of artefact, which one, and what to do with the rows."""


def as_csv(data: SdmxData) -> bytes:
    """SDMX-CSV 2.0, UTF-8 without a mark."""
    s, out = data.structure, io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    columns = [c.id for c in s.columns]
    writer.writerow([*LEADING, *columns])
    first = ["dataflow", f"{s.agency}:{s.flow}({s.version})", "I"]
    writer.writerows([*first, *(row.get(c, "") for c in columns)] for row in data.rows)
    return out.getvalue().encode()


def as_xml(data: SdmxData) -> bytes:
    """SDMX-ML 3.0 structure-specific data, every dimension at the observation, UTF-8."""
    s = data.structure
    space = f"{s.flow_urn}:ObsLevelDim:AllDimensions"
    refers = (
        f'<mes:Structure structureID="{s.flow}" namespace="{space}" dimensionAtObservation="AllDimensions">'
        f"<com:StructureUsage>{s.flow_urn}</com:StructureUsage></mes:Structure>"
    )
    own = f'xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/data/structurespecific" xmlns:ns1="{space}"'
    parts = [
        BEGIN, f"<mes:StructureSpecificData {spaces(own)}>\n",
        header(f"D{s.version.replace('.', '-')}", data.prepared, s.agency, is_test=data.is_test, more=refers),
        f'<mes:DataSet ss:structureRef="{s.flow}" xsi:type="ns1:DataSetType" action="Information">\n',
    ]  # fmt: skip
    columns = [c.id for c in s.columns]
    for row in data.rows:
        told = " ".join(f"{c}={quoteattr(row[c])}" for c in columns if row.get(c))
        parts.append(f"<Obs {told}/>\n")
    return "".join([*parts, "</mes:DataSet></mes:StructureSpecificData>\n"]).encode()

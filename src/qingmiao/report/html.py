"""stub"""
from collections.abc import Mapping
from qingmiao.report.drawing import Drawing
from qingmiao.report.model import Document
def html_bytes(document: Document, drawings: Mapping[int, Drawing]) -> bytes:
    return b""

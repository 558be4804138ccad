"""Reports: a document model whose every number is resolved, written as docx, PDF and self-contained HTML."""

from qingmiao.report.annual import build_annual
from qingmiao.report.model import Document
from qingmiao.report.references import UnresolvedNumberError
from qingmiao.report.write import write_report

__all__ = ["Document", "UnresolvedNumberError", "build_annual", "write_report"]

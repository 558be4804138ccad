"""The yearbook of statistics: tables made of a run through `disclosure`, as a workbook and as a document."""

from qingmiao.report.yearbook.document import yearbook_document
from qingmiao.report.yearbook.tables import BookTable, Yearly, yearly
from qingmiao.report.yearbook.workbook import workbook

__all__ = ["BookTable", "Yearly", "workbook", "yearbook_document", "yearly"]

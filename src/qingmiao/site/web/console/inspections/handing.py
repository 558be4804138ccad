"""A file that a page of inspections makes at once and keeps nowhere."""

from __future__ import annotations

from django.http import HttpResponse

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}


def handed(name: str, form: str, data: bytes) -> HttpResponse:
    """The file to be saved under its name."""
    answer = HttpResponse(data, content_type=TYPES[form])
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}.{form}"
    answer["Cache-Control"] = "private, no-store"
    return answer

"""What can go wrong when somebody acts, and how much has to be said."""

from __future__ import annotations

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.access import LEAST_WORDS


def said(text: str, what: str, least: int = LEAST_WORDS) -> str:
    """The text without the space around it. UserError when it says too little."""
    text = text.strip()
    if len(text) < least:
        raise UserError(f"{what}要写清楚（至少 {least} 个字，现在 {len(text)} 个）")
    return text

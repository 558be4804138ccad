"""Where the fonts of reports lie: a folder of the county's own, or the free ones that come with the program."""

from __future__ import annotations

from pathlib import Path

BESIDE = Path("var/fonts")
"""Where `make setup` puts fonts and a county may put its licensed ones; from the folder that the program runs in."""
BUILT_IN = Path(__file__).parent / "built_fonts"
"""The free fonts that `make setup` puts into the package and a wheel carries (not in git)."""


def font_folder() -> Path:
    """The fonts where nobody names a folder: `var/fonts` if it has any, else those of the package."""
    return BESIDE if any(BESIDE.glob("*.ttf")) or not BUILT_IN.is_dir() else BUILT_IN

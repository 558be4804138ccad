"""One calm palette for all outputs. On white, every text colour has a contrast of at least 4.5 : 1 (WCAG 2.1,
1.4.3)."""

from __future__ import annotations

INK = "#1f2933"
QUIET = "#52606d"
GRID = "#e4e7eb"
SERIES = "#1f4e79"
TARGET = "#8a4b08"
REFERENCE = "#616e7c"
FORECAST = "#a9c1d9"
BAND = "#d9e2ec"
CLASSES = ("#1f4e79", "#ffffff", "#c3ccd6", "#f0e3cf", "#52606d")
"""Fill of 达标, 未达标, 无法判定, 待下达, 由上级负责 in the stacked bars; each has an outline and its number written in it."""
"""Text within them: see CLASS_TEXT."""
CLASS_TEXT = ("#ffffff", INK, INK, INK, "#ffffff")

"""Sizes of school desks and chairs by stature (GB/T 3976): which is a pupil's, how many of a class can sit well."""

from qingmiao.standards.desks.sizes import DeskSize, desk_fit, desk_number, fitting, sizes, stature_bands

__all__ = ["DeskSize", "desk_fit", "desk_number", "fitting", "sizes", "stature_bands"]

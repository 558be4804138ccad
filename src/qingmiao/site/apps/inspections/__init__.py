"""Inspections by checklists: planned, visited, filled in, confirmed, ordered, re-checked, closed."""

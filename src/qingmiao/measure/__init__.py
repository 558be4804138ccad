"""Measure: indicator definitions → one query per table through sqlglot → numerator, denominator, value, with
lineage."""

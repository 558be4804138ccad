"""Which records are of one child: keys, comparisons with weights, Splink on DuckDB for a batch, the same score for
one."""

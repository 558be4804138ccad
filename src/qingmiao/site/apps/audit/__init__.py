"""The hash-chained trail of every write and every sight of a sensitive page. Its door is `api`."""

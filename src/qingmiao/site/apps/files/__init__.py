"""Files that people hand in: what is taken, how large, and where it lies. No database: whoever keeps one records its
key."""

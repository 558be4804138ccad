"""The shelf: what is released for everybody, already suppressed; append only, and all that the portal may read."""

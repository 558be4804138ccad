"""Facts: what is known, appended for good by whoever learns it; read as columns by whoever measures it."""

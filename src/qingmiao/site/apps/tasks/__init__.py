"""Who must do what by when, whoever asked for it: a low app that every other may ask. Its door is `api`."""

"""Benefits month by month: the runs, and one run with its changes, payments, file and answer."""

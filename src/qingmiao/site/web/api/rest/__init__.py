"""What other programs read and write beside health records: the plan, values, warnings, tasks, returns, documents."""

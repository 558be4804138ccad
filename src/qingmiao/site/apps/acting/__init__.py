"""What follows from monitoring: tasks from warnings and decisions, who answers for which goal, plans, reports, checks,
meetings, funds, projects. Its door is `api`."""

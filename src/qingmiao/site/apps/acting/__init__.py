"""What follows from monitoring: tasks, who answers for which goal, plans, reports, checks, meetings, funds, projects. Its door is `api`."""

"""Areas, organisations, people, roles, login and sessions. Its door is `api`; who may what is `permissions`."""

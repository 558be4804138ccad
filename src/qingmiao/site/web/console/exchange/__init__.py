"""The exchange with superior and subordinates: what was sent, what came, what changed and why."""

"""Report runs, their review, approval by a second person, and release. Its door is `api`."""

"""Statistical returns: collections, filings, their cells and versions, the workflow, uploads, reminders. The door is
`api`."""

"""Snapshots of facts, indicator values, assessments and warnings, kept up to date as returns are accepted. Its door is
`api`."""

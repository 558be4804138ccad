"""Rolls: tables of facts that follow from whole files (`content.rolls`), published a year and township at a time."""

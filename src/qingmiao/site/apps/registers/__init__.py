"""Registers: entries with their history, uniqueness, yearly confirmation, minimums; publishes facts."""

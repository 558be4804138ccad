"""Runs of benefits: made by a clerk, released by another, sent to the bank, its answer booked."""

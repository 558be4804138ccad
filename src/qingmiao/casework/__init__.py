"""Casework without a database: a programme of content, a case as the steps that were taken, what may come next and
when.

Reads no clock and no file; the site keeps cases and asks here, `qingmiao play` plays scripts.
"""

"""Figures: what was measured and assessed, looked up by reference as text with its source; pages and reports both read
them here."""

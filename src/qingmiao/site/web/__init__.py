"""Pages: ui (what all pages share) and console (what staff use). A view loads, checks, calls one api, renders."""

"""Casework on the site: cases of the programmes of content, kept as the steps that were taken."""

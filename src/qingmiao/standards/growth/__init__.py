"""Growth norms."""

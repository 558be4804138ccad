"""What all pages share: access, sessions, language, errors, the base template and the styles."""

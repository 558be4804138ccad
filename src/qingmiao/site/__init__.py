"""The web site: config > web > apps. The only part of Qingmiao that knows Django."""

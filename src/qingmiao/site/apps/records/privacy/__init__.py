"""What protects the files themselves: consents, guardians' requests, broken glass reviewed, files past their time."""

"""What a user types: one module per sub-command of `bonescan`, each a parser and a call into the room behind it."""

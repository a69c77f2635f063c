"""How well a network sees bones, and names where boxes are."""

"""Of scans without annotations, those that would teach a model most: doubts about each, and variety among them."""

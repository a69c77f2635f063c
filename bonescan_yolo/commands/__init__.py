"""The sub-commands of `bonescan`, one module each: a parser and a call into the package that does the work."""

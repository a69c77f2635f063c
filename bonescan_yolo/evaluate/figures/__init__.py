"""The figures of an evaluation, each with its interval."""

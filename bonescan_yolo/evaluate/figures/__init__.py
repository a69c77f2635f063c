"""The figures of an evaluation, each with its draws: one module for each kind of question."""

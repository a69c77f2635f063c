"""Damaged input, made from a seed, for everything that reads files: `python -m tests.fuzz --count 1000 voc coco`.

Every input has to end as a result or as one line of an error, within `MAX_SECONDS`, with no object lost in silence.
A kind of input is a module in `kinds` with a `KIND`; the mutators beside it are shared.
"""

"""Commands that are killed, or lose their disk or their source: `python -m tests.faults --count 50 convert`.

After each fault every file is whole, nothing of the user's is gone, and the same command gives the bytes of an
undisturbed run.
"""

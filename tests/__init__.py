"""Tests, which share the processor: torch's threads wait asleep, not in a loop that keeps a core from the others."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # read when torch is loaded; processes that tests start inherit it

"""Settings that other packages need before they are used: no output, no network, no conflicts."""

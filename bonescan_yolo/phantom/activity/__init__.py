"""Where the tracer goes: normal bone, hot spots, disease."""

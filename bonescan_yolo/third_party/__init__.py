"""What other packages need before they are used: quiet, offline, working together."""

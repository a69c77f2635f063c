"""Set-up of other packages before use: quiet, offline, compatible with each other."""

"""Population and mortality."""

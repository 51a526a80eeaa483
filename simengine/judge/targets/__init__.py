"""Target files, and a verdict on every row of a plan."""

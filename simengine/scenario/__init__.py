"""Names of a basis, levers and targets; conflicts are errors."""

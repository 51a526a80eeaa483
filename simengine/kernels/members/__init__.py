"""Members of the employees' scheme: rows of moments; entries, returns, pauses, moves and exits."""

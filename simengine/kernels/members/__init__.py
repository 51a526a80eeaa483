"""Members of the employees' scheme: rows of moments, and who enters, returns, pauses, moves and leaves."""

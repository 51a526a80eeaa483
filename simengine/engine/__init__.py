"""Names become positions, lanes run, positions become names."""

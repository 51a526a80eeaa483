"""What a table can show: every indicator, variable and fund item by name, and its values as tidy rows."""

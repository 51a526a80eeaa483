"""Population tables of every basis: births, deaths, migration, pyramids."""

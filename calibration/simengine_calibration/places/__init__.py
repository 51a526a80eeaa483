"""One basis after another: nation, provinces, cities and counties, areas."""

"""Results over the closures: a range with the baseline inside, and what moves it most (notes/closures.md)."""

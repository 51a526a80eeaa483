"""Fits of a basis to published years, run with the engine's kernels: parameters, residuals, uncertainty, draws."""

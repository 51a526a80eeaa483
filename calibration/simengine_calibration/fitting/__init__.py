"""Fits of a basis to published years over the engine's own kernel: parameters, residuals, uncertainty, draws."""

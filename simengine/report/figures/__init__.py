"""Figures, each with the numbers it shows."""

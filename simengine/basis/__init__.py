"""Frozen assumptions of a region, a bureau's tables, and how a series goes on beyond its last value."""

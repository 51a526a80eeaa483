"""Stress and reverse stress: what breaks a target or a fund, and how much of it is needed (notes/stress.md)."""

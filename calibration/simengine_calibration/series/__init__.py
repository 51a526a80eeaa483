"""Yearly series, openings and profiles that a basis holds besides its population."""

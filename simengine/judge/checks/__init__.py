"""Checks that compare results with identities, plausible ranges and the history; they change no result."""

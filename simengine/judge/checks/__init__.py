"""Identities, ranges and the history, held against the results; they report and repair nothing."""

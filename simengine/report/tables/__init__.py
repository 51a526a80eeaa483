"""Tables of verdicts and of the opening, as text."""

"""Numbers only: rules of the law as scalar formulas, members, branches, people, and the order of events of one lane."""

"""Every quantity once: name, axes, unit, kind, meaning in two languages, range, law key, what it is in an identity."""

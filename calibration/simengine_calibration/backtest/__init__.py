"""Backtest: what the engine would have said at earlier dates with what was known then, against what came."""

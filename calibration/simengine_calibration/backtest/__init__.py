"""Backtest: predictions from earlier dates with the information of those dates, compared with later figures."""

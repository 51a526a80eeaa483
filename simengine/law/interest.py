"""What a year's own credits to an individual account earn, by the code of the law (schemes.md 1.7)."""

from __future__ import annotations

INTEREST_TIMING = {"m116": 1.083 / 2.0, "none": 0.0, "monthly": 0.5}
"""Code of `pension/account_interest_timing` -> part of the year's rate that the year's own credits earn [1].

m116 is 劳办发〔1997〕116号: r x 1.083 / 2. It is the τ of `kernels.rules.accounts.credit_year`.
"""

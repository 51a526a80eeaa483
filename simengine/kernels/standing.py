"""Law that a lane takes as it stands, not by year: the numbers that its kernels pass to the rules.

Each stands in the law under the key beside it, and a test compares the two. A parameter that is to vary by year or
by a lever becomes a series instead.
"""

from __future__ import annotations

TILT_AGE = 70  # pension/adjustment_tilt_age [years]
COUNTED_FROM = 15.0  # pension/compensation_part_year: a started year counts from so many on [years]
RESIDENT_AGE = 60  # resident/pension_age [years]
SHORT_CLAIM, LONG_CLAIM = 12.0, 18.0  # unemployment/duration_months: the first two steps of the ladder [months]
LONGEST_CLAIM = 24.0  # unemployment/duration_cap [months]

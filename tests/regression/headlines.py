"""Where the headline figures of the baselines are kept between two releases.

``python -m tests.regression.headlines`` writes ``headlines.csv`` anew after a change that moves a number; the change,
its size and its reason belong into the changelog. ``simengine history`` sets them beside those of the releases.
"""

from __future__ import annotations

from pathlib import Path

from simengine.judge.checks.headlines import headline_table, headline_text

TABLE = Path(__file__).with_name("headlines.csv")


if __name__ == "__main__":
    TABLE.write_text(headline_text(headline_table()), encoding="utf-8")

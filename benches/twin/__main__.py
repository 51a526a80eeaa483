"""The lane compiled by numba beside the same sources translated to C: ``python -m benches.twin --help``."""

from __future__ import annotations

import argparse

from benches.twin.compare import YEARS, Report, compare

COMPILERS = {"numba": "numba", "gcc": "gcc, exact", "gcc_fast": "gcc, `-ffast-math` with NaN"}


def table(report: Report) -> str:
    """Processor time of the lane by compiler, as a table in Markdown."""
    rows = ["| compiled by | median ms | numba / this | same bits as numba | largest difference |"]
    rows.append("|---|---:|---:|---|---:|")
    for name, seconds in report.seconds.items():
        same = "yes" if report.digest[name] == report.digest["numba"] else "no"
        ratio, gap = report.numba_over[name], report.difference[name]
        rows.append(f"| {COMPILERS[name]} | {1e3 * seconds:.2f} | {ratio:.2f} | {same} | {gap:.0e} |")
    return "\n".join(rows)


def main() -> None:
    """Read the command line, print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benches.twin", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="rounds in turns (9)")
    parser.add_argument("--years", type=int, default=YEARS, help=f"years of the lane ({YEARS})")
    given = parser.parse_args()
    report = compare(given.rounds, given.years)
    print(f"jiangxi/baseline, {given.years} years, {given.rounds} rounds, {report.compiler}\n\n{table(report)}")


if __name__ == "__main__":
    main()

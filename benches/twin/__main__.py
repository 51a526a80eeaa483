"""Tables of the comparison of the numba kernels with their C twin: ``python -m benches.twin --help``."""

from __future__ import annotations

import argparse
from typing import Any

from benches.twin.compare import YEARS, compare

VARIANTS = {"as_is": "as it is (empty rows and moments skipped)", "full_box": "every row, every moment"}
COMPILERS = {"numba": "numba", "gcc": "gcc, exact", "gcc_fast": "gcc, `-ffast-math` with NaN"}


def lane_table(report: dict[str, Any]) -> list[str]:
    """Processor time of the lane."""
    rows = ["| lane | compiled by | median ms | numba / this | same bits as numba | largest difference |"]
    rows.append("|---|---|---:|---:|---|---:|")
    for variant, told in VARIANTS.items():
        part = report.get(variant, {"seconds": {}})
        for name, seconds in part["seconds"].items():
            same = "yes" if part["sha256_exact"][name] == part["sha256_exact"]["numba"] else "no"
            rows.append(
                f"| {told} | {COMPILERS[name]} | {1e3 * seconds:.2f} | {part['numba_over'][name]:.2f} | {same} "
                f"| {part['largest_difference'][name]:.0e} |"
            )
    head = f"{report['scenario']}, {report['years']} years, {report['rounds']} interleaved rounds, {report['compiler']}"
    return [head, "", *rows]


def times_table(title: str, found: dict[str, tuple[float, float]], scale: float, unit: str) -> list[str]:
    """Processor time of named parts, numba beside gcc, the longest first."""
    rows = [f"| {title} | numba {unit} | gcc {unit} | numba / gcc |", "|---|---:|---:|---:|"]
    for name, (numba, gcc) in sorted(found.items(), key=lambda item: -item[1][0]):
        ratio = f"{numba / gcc:.2f}" if gcc > 0.0 else "-"
        rows.append(f"| `{name}` | {scale * numba:.2f} | {scale * gcc:.2f} | {ratio} |")
    return rows


def stage_tables(rounds: int, years: int) -> list[str]:
    """Processor time of every stage of the year."""
    from benches.twin.lanes import Run, opened_lane
    from benches.twin.stages import stage_times

    run = Run(opened_lane(), years)
    return times_table(f"stage, {years} years", stage_times(run, rounds), 1e3, "ms")


def members_table(rounds: int, years: int) -> list[str]:
    """The heavy part of the year beside NumPy."""
    from benches.twin.members import STAGES, compare_members

    found = compare_members(rounds, years=years)
    rows = ["| stage, one year | kernel ms | NumPy ms | NumPy / kernel |", "|---|---:|---:|---:|"]
    for name in (*STAGES, "both"):
        part = found[name]
        rows.append(
            f"| {name} | {1e3 * part['kernel']:.2f} | {1e3 * part['numpy']:.2f} | {part['numpy_over_kernel']:.1f} |"
        )
    return [*rows, "", f"Largest difference of an array on its own scale: {found['largest_difference']:.1e}"]


def limits_table(report: dict[str, Any], rounds: int) -> list[str]:
    """Operations of the lane against what one core can do."""
    from benches.twin.box import box_package
    from benches.twin.build import KERNELS
    from benches.twin.limits import counted_work, used

    rows = ["| lane | compiled by | Mflop | Gflop/s | of fused peak | of unfused peak | GB/s loaded and stored |"]
    rows.append("|---|---|---:|---:|---:|---:|---:|")
    years = report["years"]
    tail: list[str] = []
    for variant in [name for name in VARIANTS if name in report]:
        work = counted_work(years, KERNELS if variant == "as_is" else box_package())
        found = used(report[variant]["seconds"], work, years, rounds)
        for name, part in found["by_compiler"].items():
            rows.append(
                f"| {VARIANTS[variant]} | {COMPILERS[name]} | {1e-6 * found['flops']:.0f} | {part['gflops']:.1f} "
                f"| {part['of_fused_peak']:.0%} | {part['of_unfused_peak']:.0%} | {part['gbytes']:.0f} |"
            )
        tail.append(f"Operations, {VARIANTS[variant]}: {found['work']}")
    tail.append(f"Members and arrivals read and written once a year: {1e-6 * found['bytes_of_rows']:.0f} MB")
    peak = found["peak_gflops"]
    tail.append(f"Peak of one core: {peak['fused']:.1f} Gflop/s fused, {peak['apart']:.1f} not fused")
    for size, part in found["bandwidth"].items():
        tail.append(f"Bandwidth, {size}: triad {part['triad']:.0f}, update in place {part['update']:.0f} GB/s")
    return [*rows, "", *(f"- {line}" for line in tail)]


def main() -> None:
    """Read the command line, print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benches.twin", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="interleaved rounds (9)")
    parser.add_argument("--years", type=int, default=YEARS, help=f"years of the lane ({YEARS})")
    parser.add_argument("--no-box", action="store_true", help="leave out the variant with whole rows")
    parser.add_argument("--no-fast", action="store_true", help="leave out the code without exactness")
    parser.add_argument("--stages", action="store_true", help="also every stage of the year and every step of a row")
    parser.add_argument("--members", action="store_true", help="also the heavy part of the year beside NumPy")
    parser.add_argument(
        "--limits", action="store_true", help="also operations against peak and bandwidth of this machine"
    )
    given = parser.parse_args()
    report = compare(given.rounds, given.years, not given.no_box, not given.no_fast)
    print("\n".join(lane_table(report)))
    if given.limits:
        print("\n".join(["", *limits_table(report, given.rounds)]))
    if given.members:
        print("\n".join(["", *members_table(given.rounds, given.years)]))
    if given.stages:
        print("\n".join(["", *stage_tables(given.rounds, given.years)]))


if __name__ == "__main__":
    main()

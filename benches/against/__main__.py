"""The lane of this tree beside the lane of another revision, in turns: ``python -m benches.against REVISION``."""

from __future__ import annotations

import argparse
import io
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("worker.py")


class Tree:
    """A process that runs the lane of one tree, once for every time it is asked."""

    def __init__(self, root: Path, scenario: str) -> None:
        path = os.pathsep.join(str(root / part) for part in ("", "calibration", "benches"))
        self.process = subprocess.Popen(
            [sys.executable, str(WORKER), scenario],
            cwd=root,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.seconds: list[float] = []
        self.digests: set[str] = set()

    def run(self, kept: bool = True) -> None:
        """Run the lane once; SystemExit where the process ended instead."""
        assert self.process.stdin is not None and self.process.stdout is not None
        print(file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().split()
        if len(answer) != 2:
            raise SystemExit(f"{self.process.args}: the lane could not be run; its message stands above")
        if kept:
            self.seconds.append(float(answer[0]))
            self.digests.add(answer[1])

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def unpack(revision: str, folder: Path) -> str:
    """The tree of a revision in a folder; returns the short name of the commit. SystemExit where git has none."""
    named = subprocess.run(
        ["git", "rev-parse", "--short", f"{revision}^{{commit}}"], cwd=ROOT, capture_output=True, text=True
    )
    if named.returncode:
        raise SystemExit(f"no revision {revision!r} in this repository: a commit, branch or tag is needed")
    packed = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return named.stdout.strip()


def table(trees: dict[str, Tree]) -> str:
    """Processor time of the lane by tree, in Markdown; the ratio is this tree's over the other's."""
    rows = ["| tree | least ms | median ms | digest |", "|---|---:|---:|---|"]
    found = {}
    for name, tree in trees.items():
        found[name] = min(tree.seconds), statistics.median(tree.seconds)
        least, median = found[name]
        rows.append(f"| {name} | {1e3 * least:.2f} | {1e3 * median:.2f} | {', '.join(sorted(tree.digests))} |")
    here, there = found.values()
    rows.append(f"| ratio | {here[0] / there[0]:.3f} | {here[1] / there[1]:.3f} | |")
    return "\n".join(rows)


def main() -> None:
    """Read the command line, print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benches.against", description=__doc__)
    parser.add_argument("revision", help="commit, branch or tag to compare with")
    parser.add_argument("--rounds", type=int, default=100, help="runs of each tree, in turns (100)")
    parser.add_argument("--scenario", default="china/baseline", help="packaged scenario (china/baseline)")
    given = parser.parse_args()
    if given.rounds < 1:
        parser.error("--rounds: at least 1")
    with tempfile.TemporaryDirectory() as folder:
        commit = unpack(given.revision, Path(folder))
        trees = {"here": Tree(ROOT, given.scenario), commit: Tree(Path(folder), given.scenario)}
        for _ in range(3):
            for tree in trees.values():
                tree.run(kept=False)
        for _ in range(given.rounds):
            for tree in trees.values():
                tree.run()
        for tree in trees.values():
            tree.close()
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    print(f"{given.scenario}, {given.rounds} rounds in turns, load {load}\n\n{table(trees)}")


if __name__ == "__main__":
    main()

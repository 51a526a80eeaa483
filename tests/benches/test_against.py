"""The lane beside another revision's: the process that runs it, the revision that is not there, and the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from benches.against.__main__ import ROOT, Tree, table, unpack


def test_tree__runs_give_one_digest() -> None:
    tree = Tree(ROOT, "jiangxi/baseline")
    for kept in (False, True, True):
        tree.run(kept)
    tree.close()
    assert len(tree.seconds) == 2 and min(tree.seconds) > 0.0
    assert len(tree.digests) == 1


def test_tree__a_lane_that_cannot_run_ends_the_command(capfd: pytest.CaptureFixture[str]) -> None:
    tree = Tree(ROOT, "nowhere/baseline")
    with pytest.raises(SystemExit, match="could not be run"):
        tree.run()
    tree.close()
    assert "nowhere" in capfd.readouterr().err


def test_unpack__a_revision_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no revision 'nowhere'"):
        unpack("nowhere", tmp_path)


def test_table__ratio_is_here_over_the_other() -> None:
    here, other = Tree.__new__(Tree), Tree.__new__(Tree)
    here.seconds, here.digests = [0.030, 0.020, 0.040], {"a"}
    other.seconds, other.digests = [0.010, 0.020, 0.030], {"b"}
    assert table({"here": here, "abc": other}).splitlines()[-1] == "| ratio | 2.000 | 1.500 | |"

"""What the command line prints reaches its reader, whatever the encoding, and ends quietly when there is none."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from simengine.cases.templates import template_text
from simengine.cli import main as cli

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "simengine"]
CASE = """\
kind: award
region: jiangxi
person: {sex: man, born: 1965-05}
record: {paid_months: 327, index: 0.8523, account: 96_500}
"""


def simengine(*arguments: str, encoding: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run([*COMMAND, *arguments], cwd=ROOT, env=environment, capture_output=True, check=False)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "gbk"])
def test_targets__print_under_any_encoding(encoding: str) -> None:
    done = simengine("targets", "jiangxi/baseline", encoding=encoding)
    assert done.returncode == cli.DONE, done.stderr.decode(encoding)
    said = done.stdout.decode(encoding)
    assert re.search(r"\d of \d+ judged targets are met", said)
    persons = "万人" if encoding == "gbk" else r"\u4e07\u4eba"
    assert re.search(rf"^JX-13-04 .* {re.escape(persons)} .* closed", said, re.MULTILINE)
    assert b"Traceback" not in done.stderr
    assert b"error of simengine" not in done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "gbk", "utf-8"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_refusal__is_said_under_any_encoding(encoding: str, lang: str) -> None:
    done = simengine("show", "jiangxi/baselin", "--lang", lang, encoding=encoding)
    assert done.returncode == cli.INPUT
    assert b"jiangxi/baseline" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "gbk", "utf-8"])
def test_json__is_json_under_any_encoding(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "award.yaml").write_text(CASE, encoding="utf-8")
    done = simengine("case", str(tmp_path / "award.yaml"), "--json", "--lang", "zh", encoding=encoding)
    assert done.returncode == cli.DONE, done.stderr.decode(encoding)
    assert "月" in json.dumps(json.loads(done.stdout), ensure_ascii=False)


@pytest.mark.parametrize("encoding", ["cp1252", "gbk"])
def test_file_on_standard_output__is_utf8_whatever_the_terminal(encoding: str) -> None:
    assert simengine("case", "--template", "award", encoding=encoding).stdout == template_text("award").encode()
    lever = yaml.safe_load(simengine("template", "lever", encoding=encoding).stdout.decode("utf-8"))
    assert re.search("[\u4e00-\u9fff]", str(lever))


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
@pytest.mark.parametrize(
    "arguments", [["list"], ["--help"], ["case", "--help"], ["template", "scenario"], ["show", "jiangxi/baseline"]]
)
def test_closed_pipe__ends_without_a_word(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*COMMAND, *arguments], cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (cli.UNREAD, b"")


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "china/baseline", "--lever", "provincial_adjustment_funds"],
        ["validate", "no_such.yaml", "nothing/of_this_name"],
        ["run", "--nope", "china/baseline"],
        ["check", "haiyan/baseline", "--threads", "0"],
    ],
)
@pytest.mark.parametrize("both", [True, False])
def test_error_that_nobody_reads__keeps_its_code(arguments: list[str], both: bool) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    out = writer if both else subprocess.PIPE
    done = subprocess.run([*COMMAND, *arguments], cwd=ROOT, stdout=out, stderr=writer, check=False)
    os.close(writer)
    assert done.returncode in ((cli.INPUT, cli.UNREAD) if arguments[0] == "validate" else (cli.INPUT,))

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from simengine.common import strict_yaml
from simengine.common.errors import InputFileError


def read(text: str) -> object:
    return strict_yaml.load_text(text, "case.yaml").data


def test_plain_data_keeps_its_types() -> None:
    data = read(
        "whole: 260_000_000\nminus: -3\nshare: 0.16\ntiny: 1.5e-9\nyes_or_not: true\nnothing: null\nempty:\n"
        'day: 2019-05-01\ncode: "007"\ntext: 58 years\nlist: [1, 2.5, a]\nby_age: {40: 233, 41: 230}\n'
    )
    assert data == {
        "whole": 260_000_000,
        "minus": -3,
        "share": 0.16,
        "tiny": 1.5e-9,
        "yes_or_not": True,
        "nothing": None,
        "empty": None,
        "day": datetime.date(2019, 5, 1),
        "code": "007",
        "text": "58 years",
        "list": [1, 2.5, "a"],
        "by_age": {40: 233, 41: 230},
    }
    assert isinstance(data["whole"], int) and isinstance(data["share"], float)


@pytest.mark.parametrize(
    "number",
    [
        "1e8",
        "2.6e8",
        "1E6",
        "+1e3",
        "1,000",
        "1_00",
        "10_00",
        "007",
        "0x10",
        "0o17",
        ".5",
        "5.",
        ".inf",
        "-.inf",
        ".nan",
        "1_000.5_0",
    ],
)
def test_number_read_differently_elsewhere__is_refused_with_line(number: str) -> None:
    with pytest.raises(InputFileError, match=r"case\.yaml, line 2"):
        read(f"a: 1\nb: {number}\n")


@pytest.mark.parametrize("word", ["yes", "No", "on", "OFF"])
def test_old_boolean__is_refused(word: str) -> None:
    with pytest.raises(InputFileError, match="true or false"):
        read(f"a: {word}\n")
    assert read(f'a: "{word}"\n') == {"a": word}


@pytest.mark.parametrize(
    "when", ["2019-02-30", "2019-13-01", "2019-1-5", "2019-05-01T10:00", "2019-05-01 10:00:00", "12:30"]
)
def test_wrong_date__is_refused(when: str) -> None:
    with pytest.raises(InputFileError, match="line 1"):
        read(f"a: {when}\n")


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "first stands on line 1"),
        ("a: {x: 1, x: 2}\n", 1, "repeated"),
        ('1: x\n"1": y\n', 2, "repeated"),
        ("2019-05-01: x\n'2019-05-01': y\n", 2, "repeated"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "tag"),
        ("a: !mine 1\n", 1, "tag"),
        ("a: &x 1\nb: 2\n", 1, "anchor"),
        ("a: &x 1\nb: *x\n", 1, "anchor"),
        ("a: 1\n<<: {b: 2}\n", 2, "merge key"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("%YAML 1.1\n---\na: 1\n", 2, "directive"),
        ("? [a, b]\n: 1\n", 1, "not a single word"),
        ("null: 1\n", 1, "cannot be a key"),
        ("true: 1\n", 1, "cannot be a key"),
        ("0.5: 1\n", 1, "cannot be a key"),
        ("a: 1\n b: 2\n", 2, "not valid YAML"),
        ("a:\n\tb: 1\n", 2, "not valid YAML"),
        ("a: [1, 2\n", 2, "not valid YAML"),
    ],
)
def test_what_is_not_plain_data__is_refused_with_line(text: str, line: int, word: str) -> None:
    with pytest.raises(InputFileError) as caught:
        read(text)
    assert f"case.yaml, line {line}:" in str(caught.value)
    assert word in str(caught.value)


def test_alias_alone__is_refused() -> None:
    with pytest.raises(InputFileError, match="alias"):
        read("a: *x\n")


def test_depth_beyond_forty__is_refused() -> None:
    assert read("[" * 40 + "1" + "]" * 40)
    with pytest.raises(InputFileError, match="nesting"):
        read("[" * 5000 + "1" + "]" * 5000)


def test_empty_file__is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    path.write_text("# only a remark\n", encoding="utf-8")
    with pytest.raises(InputFileError, match="empty"):
        strict_yaml.load(path)


def test_bad_bytes__are_refused_with_file_and_line(tmp_path: Path) -> None:
    nul, latin, large = tmp_path / "nul.yaml", tmp_path / "latin.yaml", tmp_path / "large.yaml"
    nul.write_bytes(b"a: 1\nb: \0\n")
    latin.write_bytes(b"a: 1\nb: caf\xe9\n")
    large.write_bytes(b"a: 1\n" + b"#" * strict_yaml.MAX_BYTES)
    for path, word in ((nul, "line 2.*NUL"), (latin, "line 2.*UTF-8"), (large, "bytes")):
        with pytest.raises(InputFileError, match=word) as caught:
            strict_yaml.load(path)
        assert str(path) in str(caught.value)
    with pytest.raises(InputFileError, match="there is no file"):
        strict_yaml.load(tmp_path / "absent.yaml")


def test_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert strict_yaml.load(path).data == {"a": 1}


def test_line__follows_keys_dates_and_positions() -> None:
    doc = strict_yaml.load_text("a: 1\nvalues:\n  2019-05-01:\n    value: 2\nlist:\n  - 5\n  - {b: 6}\n", "case.yaml")
    assert doc.line("values") == 2
    assert doc.line("values", datetime.date(2019, 5, 1)) == 3
    assert doc.line("values", "2019-05-01", "value") == 4
    assert doc.line("list", 1, "b") == 7
    assert doc.line("values", "2020-01-01") == 2
    assert doc.line("absent") == 1
    assert doc.where("list", 1) == "case.yaml, line 7"


def test_help_does_not_pay_for_the_parser() -> None:
    import subprocess
    import sys

    code = "import sys, simengine.common.strict_yaml; sys.exit(any(name.startswith('ruamel') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""Designs: every combination once, in order, labelled by what it changes; wrong ones refused all at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import qmc

from simengine.common.errors import ErrorList, SimengineError, each_error, localised
from simengine.decide.design import designed, from_values, read_list


def test_grid__is_every_combination_of_the_alternatives() -> None:
    plan = designed(
        lever=["none,layoff_wave", "early_leaving_low"],
        set=["layoff_share=0.3/0.5"],
        growth=["average_wage=2026:2%/3%"],
    )
    assert plan.axes == ("lever layoff_wave", "set layoff_share", "growth average_wage") and plan.regular
    labels = [one.labels for one in plan.combinations]
    wages = ("2%", "3%")
    assert labels == [(a, b, c) for a in ("none", "layoff_wave") for b in ("0.3", "0.5") for c in wages]
    assert plan.combinations[0].stated == {
        "lever": ("early_leaving_low",),
        "set": ("layoff_share=0.3",),
        "growth": ("average_wage=2026:2%",),
    }
    assert plan.combinations[-1].stated["lever"] == ("early_leaving_low", "layoff_wave")


def test_alternatives_of_several_years__move_together() -> None:
    plan = designed(set=["unemployment_insured=2026:400万/410万,2027:405万/415万!"])
    assert [one.stated["set"] for one in plan.combinations] == [
        ("unemployment_insured=2026:400万,2027:405万!",),
        ("unemployment_insured=2026:410万,2027:415万!",),
    ]
    assert [one.labels for one in plan.combinations] == [("2026:400万,2027:405万",), ("2026:410万,2027:415万",)]


def test_range__takes_evenly_spaced_points_with_both_ends() -> None:
    plan = designed(set=["layoff_share=0.2..0.8"], growth=["average_wage=2%..4%"], points=3)
    assert [one.labels for one in plan.combinations] == [
        (share, rate) for share in ("0.2", "0.5", "0.8") for rate in ("0.02", "0.03", "0.04")
    ]
    law = designed(set=["pension/rate_employer=2028-01-01:16%..20%"], points=2)
    assert [one.stated["set"] for one in law.combinations] == [
        ("pension/rate_employer=2028-01-01:0.16",),
        ("pension/rate_employer=2028-01-01:0.2",),
    ]


@pytest.mark.parametrize(
    ("design", "kind"), [("sobol", qmc.Sobol), ("halton", qmc.Halton), ("latin", qmc.LatinHypercube)]
)
def test_sequence__is_that_of_scipy_scaled_to_the_ends(design: str, kind: type) -> None:
    plan = designed(
        set=["layoff_share=0.2..0.8"], lever=["none,layoff_wave,early_leaving_low"], design=design, points=8, seed=7
    )
    points = kind(d=2, rng=np.random.default_rng(7)).random(8)
    assert len(plan.combinations) == 8 and not plan.regular
    for one, (lever, share) in zip(plan.combinations, points, strict=True):
        assert one.labels[0] == ("none", "layoff_wave", "early_leaving_low")[int(3 * lever)]
        assert float(one.labels[1]) == pytest.approx(0.2 + 0.6 * share, rel=1e-9)
    again = designed(
        set=["layoff_share=0.2..0.8"], lever=["none,layoff_wave,early_leaving_low"], design=design, points=8, seed=7
    )
    assert again == plan
    other = designed(
        set=["layoff_share=0.2..0.8"], lever=["none,layoff_wave,early_leaving_low"], design=design, points=8, seed=8
    )
    assert other != plan


def test_list__is_one_combination_a_line(tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    lines = (
        "lever,growth average_wage,set pension/rate_employer",
        "none,2%,",
        "layoff_wave;early_leaving_low,,2028-01-01:18%",
    )
    file.write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    plan = read_list(file)
    assert plan.axes == ("lever", "growth average_wage", "set pension/rate_employer") and not plan.regular
    assert [one.stated for one in plan.combinations] == [
        {"lever": (), "set": (), "growth": ("average_wage=2%",)},
        {"lever": ("layoff_wave", "early_leaving_low"), "set": ("pension/rate_employer=2028-01-01:18%",), "growth": ()},
    ]
    assert plan.combinations[1].labels == ("layoff_wave;early_leaving_low", "", "2028-01-01:18%")


def test_list__is_refused_with_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("levers,set,growth average_wage\n1\n,,2%\n", encoding="utf-8")
    with pytest.raises(ErrorList) as raised:
        read_list(file)
    told = [str(one) for one in each_error(raised.value)]
    assert [text.partition(":")[0] for text in told] == [f"{file}, line {line}" for line in (1, 1, 2)]
    file.write_bytes("lever\n裁员\n".encode("gb18030"))
    with pytest.raises(SimengineError, match="not UTF-8"):
        read_list(file)
    file.write_text("lever\n", encoding="utf-8")
    with pytest.raises(SimengineError, match="no combination"):
        read_list(file)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"growth": ["average_wage=2%"]}, "sweep_nothing"),
        ({}, "sweep_nothing"),
        ({"growth": ["average_wage=2%/3%"], "design": "sobl", "points": 8}, "sweep_design"),
        ({"growth": ["average_wage=2%..3%"]}, "sweep_points"),
        ({"growth": ["average_wage=2%/3%"], "design": "halton"}, "sweep_points"),
        ({"growth": ["average_wage=2%/3%"], "points": 4}, "sweep_points_idle"),
        ({"growth": ["average_wage=2%..3%"], "points": 1}, "sweep_points_wrong"),
        ({"growth": ["average_wage=2%..3%"], "design": "sobol", "points": 12}, "sweep_points_wrong"),
        ({"growth": ["average_wage=2%..3%"], "points": 100_001}, "sweep_many"),
        ({"growth": ["average_wage=2%/3%", "average_wage=4%/5%"]}, "sweep_axis_twice"),
        ({"growth": ["average_wage"]}, "sweep_form"),
        ({"growth": ["average_wage=3%..2%"], "points": 2}, "solve_bounds"),
        ({"set": ["layoff_share=low..high"], "points": 2}, "sweep_form"),
        ({"growth": ["average_wage=2026:2%/3%,2027:1%/2%/3%"]}, "sweep_counts"),
        ({"growth": ["average_wage=2%/2%"]}, "what_if_twice"),
        ({"lever": [" , "]}, "sweep_form"),
    ],
)
def test_design__that_makes_no_sense_is_refused_in_both_languages(given: dict[str, object], code: str) -> None:
    with pytest.raises(SimengineError) as raised:
        designed(**given)  # type: ignore[arg-type]
    codes = [one.code for one in each_error(raised.value)]  # type: ignore[attr-defined]
    assert code in codes, codes
    assert all(localised(one, "en") != localised(one, "zh") for one in each_error(raised.value))


def test_values__of_python_are_the_texts_of_the_options() -> None:
    given = {"average_wage": [0.02, 0.03], "layoff_share": (0.2, 0.8), "unemployment_insured": {2026: [4_000_000.0]}}
    assert from_values(given) == [
        "average_wage=0.02/0.03",
        "layoff_share=0.2..0.8",
        "unemployment_insured=2026:4000000",
    ]
    assert from_values(["average_wage=2%/3%"]) == ["average_wage=2%/3%"] and from_values("a=1/2") == ["a=1/2"]

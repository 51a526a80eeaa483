"""Labels of an axis: arithmetic loses none of them without a word."""

from __future__ import annotations

import pytest
import xarray as xr

from simengine.registry.axes import same_labels


def years(*labels: int) -> xr.DataArray:
    return xr.DataArray([1.0] * len(labels), {"year": list(labels)}, ("year",))


def test_same_labels__refuses_years_that_differ_where_xarray_would_drop_them() -> None:
    assert (years(2021, 2022) + years(2022, 2023)).year.values.tolist() == [2022]
    with same_labels():
        assert (years(2021, 2022) + years(2021, 2022)).values.tolist() == [2.0, 2.0]
        with pytest.raises(ValueError, match="year"):
            years(2021, 2022) + years(2022, 2023)
    assert (years(2021, 2022) + years(2022, 2023)).year.values.tolist() == [2022]

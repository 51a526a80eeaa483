"""Ledger of assumed and recalled figures: a list of them, the band of each, and its effect on the results.

`bands` reads the bands of `figures/bands.yaml`; `figures` lists every figure with both ends of its band; `worlds` runs
the engine with a moved figure; `results` names the results that are compared; `run` runs all figures; `page` prints
the report.
"""

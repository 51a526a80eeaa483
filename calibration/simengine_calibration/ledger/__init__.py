"""Ledger of assumed and recalled figures: which there are, how far each may be off, and how much that matters.

`bands` reads the spreads of `figures/bands.yaml`; `figures` lists every figure with its two moved worlds; `worlds` puts
a moved world under the engine; `results` names what is looked at; `run` runs all of it; `page` prints it.
"""

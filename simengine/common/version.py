"""The version of the engine, said once."""

__version__ = "0.1.0"

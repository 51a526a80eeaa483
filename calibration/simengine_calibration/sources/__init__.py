"""Readers of collected sources, figures typed by hand, and figures printed in plans."""

"""The same tables for screen, figure and file."""

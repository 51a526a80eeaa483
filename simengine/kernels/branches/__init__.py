"""Pensions, the resident scheme, unemployment, work injury, and the funds."""

"""Actuarial measures as tables: valuations of the pension funds, and what stylised workers pay and get."""

"""Turns collected sources into frozen bases, fits them to the past and scores what they would have said."""

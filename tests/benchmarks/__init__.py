"""Figures to read, never limits: `make bench`."""

"""Counterfoil: an open digital central securities depository."""

__version__ = "0.1.0"

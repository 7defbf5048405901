"""Makes a sample day of the German market for structured products: the same seed gives the same day."""

from counterfoil.sample.day import sample_items, write_sample

__all__ = ["sample_items", "write_sample"]

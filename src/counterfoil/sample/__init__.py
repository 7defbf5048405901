"""Makes a sample day of the German market for structured products: the same seed gives the same day."""

from counterfoil.sample.day import sample_items, write_sample
from counterfoil.sample.issuers import fictional_buyers, fictional_issuers, gleif_document

__all__ = ["fictional_buyers", "fictional_issuers", "gleif_document", "sample_items", "write_sample"]

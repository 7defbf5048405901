"""Completes terms with the identifiers that the issuer left out."""

from counterfoil.instruments import cfi, fisn
from counterfoil.instruments.identifiers import wkn_from_isin
from counterfoil.instruments.terms import Envelope


def with_proposals(terms: Envelope, *, isin: str, issuer_name: str) -> Envelope:
    """The terms with ISIN, WKN, CFI and FISN; what the issuer stated stays as it is."""
    return terms.model_copy(
        update={
            "isin": isin,
            "wkn": terms.wkn or wkn_from_isin(isin),
            "cfi": terms.cfi or cfi.propose(terms),
            "fisn": terms.fisn or fisn.propose(terms, issuer_name),
        }
    )

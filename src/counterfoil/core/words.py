"""What is typed to find something by its name, as a query of PostgreSQL's text search: see `core.words` (SQL)."""

_SIGNS = str.maketrans(dict.fromkeys("-/_<>&'\"()[]{}:;,+*|!?#%=\\@\0", " "))
"""What divides words, as there."""


def words_query(typed: str) -> str:
    """A query for names with words that begin with every word typed, in any order; empty where no word was typed.

    >>> words_query("mini-fut E.ON")
    "'mini':* & 'fut':* & 'E.ON':*"
    """
    return " & ".join(f"'{word}':*" for word in typed.translate(_SIGNS).split())

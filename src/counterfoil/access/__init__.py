"""Who may act: tokens, roles, permissions, four eyes."""

from counterfoil.access.bearer import FILE as TOKEN_FILE
from counterfoil.access.bearer import authenticate, create_token, ensure_bootstrap, revoke_token, tokens
from counterfoil.access.errors import NOT_A_TOKEN, NOT_AUTHENTICATED
from counterfoil.access.policy import (
    ROLES,
    Actor,
    may,
    may_for_all,
    require,
    require_everywhere,
    require_four_eyes,
)
from counterfoil.access.sessions import close_session, open_session, session_actor

__all__ = [
    "NOT_AUTHENTICATED",
    "NOT_A_TOKEN",
    "ROLES",
    "TOKEN_FILE",
    "Actor",
    "authenticate",
    "close_session",
    "create_token",
    "ensure_bootstrap",
    "may",
    "may_for_all",
    "open_session",
    "require",
    "require_everywhere",
    "require_four_eyes",
    "revoke_token",
    "session_actor",
    "tokens",
]

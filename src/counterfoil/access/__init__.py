"""Who may act: tokens, roles, permissions, four eyes."""

from counterfoil.access.attempts import forget_failures, forget_old_failures, take_turn
from counterfoil.access.bearer import FILES as TOKEN_FILES
from counterfoil.access.bearer import authenticate, create_token, ensure_bootstrap, revoke_token, tokens
from counterfoil.access.errors import FOREIGN, NOT_A_TOKEN, NOT_AUTHENTICATED
from counterfoil.access.policy import (
    ROLES,
    Actor,
    check_roles,
    may,
    may_for_all,
    require,
    require_everywhere,
    require_four_eyes,
    require_maker,
)
from counterfoil.access.refusals import note_failed_sign_in, note_refused_act
from counterfoil.access.sessions import (
    clear_ended_sessions,
    close_session,
    close_sessions,
    open_session,
    open_sessions,
    session_actor,
)

__all__ = [
    "FOREIGN",
    "NOT_AUTHENTICATED",
    "NOT_A_TOKEN",
    "ROLES",
    "TOKEN_FILES",
    "Actor",
    "authenticate",
    "check_roles",
    "clear_ended_sessions",
    "close_session",
    "close_sessions",
    "create_token",
    "ensure_bootstrap",
    "forget_failures",
    "forget_old_failures",
    "may",
    "may_for_all",
    "note_failed_sign_in",
    "note_refused_act",
    "open_session",
    "open_sessions",
    "require",
    "require_everywhere",
    "require_four_eyes",
    "require_maker",
    "revoke_token",
    "session_actor",
    "take_turn",
    "tokens",
]

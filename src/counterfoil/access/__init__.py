"""Who may act: tokens, roles, permissions, four eyes."""

from counterfoil.access.attempts import forget_failures, forget_old_failures, take_turn
from counterfoil.access.bearer import (
    APPROVER_FILE,
    add_token,
    authenticate,
    check_fingerprint,
    create_token,
    ensure_bootstrap,
    made_before,
    new_secret,
    revoke_token,
    roles_of_name,
    tokens,
)
from counterfoil.access.bearer import FILE as TOKEN_FILE
from counterfoil.access.errors import FOREIGN, NOT_A_TOKEN, NOT_AUTHENTICATED
from counterfoil.access.policy import (
    NEEDS_TWO,
    ROLES,
    Actor,
    check_roles,
    may,
    may_for_all,
    require,
    require_everywhere,
    require_four_eyes,
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
    "APPROVER_FILE",
    "FOREIGN",
    "NEEDS_TWO",
    "NOT_AUTHENTICATED",
    "NOT_A_TOKEN",
    "ROLES",
    "TOKEN_FILE",
    "Actor",
    "add_token",
    "authenticate",
    "check_fingerprint",
    "check_roles",
    "clear_ended_sessions",
    "close_session",
    "close_sessions",
    "create_token",
    "ensure_bootstrap",
    "forget_failures",
    "forget_old_failures",
    "made_before",
    "may",
    "may_for_all",
    "new_secret",
    "note_failed_sign_in",
    "note_refused_act",
    "open_session",
    "open_sessions",
    "require",
    "require_everywhere",
    "require_four_eyes",
    "revoke_token",
    "roles_of_name",
    "session_actor",
    "take_turn",
    "tokens",
]

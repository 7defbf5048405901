"""Refusals of access."""

from counterfoil.core.errors import rule

NOT_AUTHENTICATED = rule(
    "ACC-401",
    "Not authenticated",
    "The request carries no valid token.",
    "Send `Authorization: Bearer <token>`.",
    status=401,
)
NOT_PERMITTED = rule(
    "ACC-403",
    "Not permitted",
    "{actor} may not {permission}.",
    "Use a token whose role may do this.",
    status=403,
)
FOREIGN = rule(
    "ACC-404",
    "Not permitted for this party",
    "{actor} may not act for {lei}.",
    "Act for your own party, or have it grant a mandate.",
    status=403,
)
FOUR_EYES = rule(
    "ACC-405",
    "Four eyes",
    "{actor} made the request and may not approve it.",
    "Have another person approve it.",
    status=403,
)
UNKNOWN_ROLE = rule("ACC-406", "Unknown role", 'The role "{role}" is not known.', "Use one of: {roles}.")
INCOMPATIBLE = rule(
    "ACC-407",
    "Incompatible roles",
    "{one} and {other} may not be in one hand.",
    "Create two tokens for two persons.",
)
UNKNOWN_TOKEN = rule("ACC-408", "Unknown token", "There is no token {token}.", "List the tokens.", status=404)
NO_ROLE = rule("ACC-409", "No role", "A token without a role may do nothing.", "Name at least one role.")
NOT_A_TOKEN = rule(
    "ACC-410",
    "Not a valid token",
    "The token is not known, was revoked, or has expired.",
    "Have an operator make one with `counterfoil token create`.",
    status=401,
)
NEEDS_TWO = rule(
    "ACC-411",
    "Wants a second person",
    "No one person makes a token with: {roles}.",
    "Propose it with the fingerprint that its holder has made (`counterfoil token secret`): POST /tokens/proposals, or "
    "`counterfoil token propose`. It comes into being once an approver has agreed.",
    status=403,
)
NO_FINGERPRINT = rule(
    "ACC-412", "No fingerprint", "A fingerprint is 64 hexadecimal digits, in small letters.",
    "Have the holder make secret and fingerprint with `counterfoil token secret`.",
)  # fmt: skip
FINGERPRINT_USED = rule(
    "ACC-413", "Fingerprint used", "A token with this fingerprint was made before.",
    "Have the holder make another with `counterfoil token secret`.", status=409,
)  # fmt: skip
KEY_USED = rule(
    "ACC-414", "Idempotency key used", 'The key "{key}" was used for another request.', "Use a new key.", status=409,
)  # fmt: skip

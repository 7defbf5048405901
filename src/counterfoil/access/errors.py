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
MADE_BY_APPROVERS = rule(
    "ACC-411",
    "Made by approvers only",
    "{actor} may not make a token with the role {roles}: who asks for things does not make whoever decides them.",
    "Have an approver make it; the first one's token is in approver.token in the data directory.",
    status=403,
)
NOT_A_TOKEN = rule(
    "ACC-410",
    "Not a valid token",
    "The token is not known, was revoked, or has expired.",
    "Have an operator make one with `counterfoil token create`.",
    status=401,
)

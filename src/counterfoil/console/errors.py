"""Refusals of the console as such."""

from counterfoil.core.errors import rule

SIGNED_OUT = rule(
    "CON-401", "Not signed in", "Nobody is signed in here, or the session has ended.", "Sign in with a token.",
    status=401,
)  # fmt: skip
FORGED = rule(
    "CON-403", "Not sent by a page of this console", "The request does not carry the proof of the page that sends it.",
    "Load the page again and repeat what you did.", status=403,
)  # fmt: skip
NOT_FOUND = rule(
    "CON-404", "Not found", "There is no page at {path}.", "Go on from the navigation.", status=404
)
METHOD = rule(
    "CON-405", "Not possible here", "{method} is not possible here.", "Go back to the page.", status=405
)
CONFLICT = rule(
    "CON-409", "Changed meanwhile", "Somebody else changed the same thing at the same time.",
    "Look at the present state and repeat what you did.", status=409, transient=True,
)  # fmt: skip
TOO_LARGE = rule(
    "CON-413", "Too large", "What was sent is larger than {limit} bytes, or does not say how large it is.",
    "Send large files on the page of batches.", status=413,
)  # fmt: skip
UNKNOWN_ENDING = rule(
    "CON-415", "Unknown form of file", 'The name "{name}" does not say in which form the file is.',
    "Hand in a file that ends in .ndjson, .jsonl, .json or .csv, packed with a further .gz or not.", status=415,
)  # fmt: skip
OTHER_NUMBER = rule(
    "CON-424", "Another number matches", "{now} match now, not {then}.",
    "Look at what matches now, and confirm that number.", status=409, transient=True,
)  # fmt: skip
MALFORMED = rule("CON-422", "Cannot be read", "{reason}", "Correct the field.", status=422)
UNDER_WAY = rule(
    "CON-423", "Already under way", "{by} has started the same; it is not over yet.",
    "Wait for its end: the page shows how far it is.", status=409, transient=True,
)  # fmt: skip
NO_CHECK = rule(
    "CON-425", "No such check", "No check of yours is kept here under this address: it is another's, over an hour old,"
    " or the server was started again.", "Check the file again.", status=404,
)  # fmt: skip
TOO_VARIOUS = rule(
    "CON-426", "Too many different fields", "The rejected items have more than {maximum} different fields: no table"
    " shows that.", "Take them as NDJSON.", status=422,
)  # fmt: skip
OTHER_KIND = rule(
    "CON-427", "A file of the other kind", "The first item of this file looks like one of {other}, not of {kind}.",
    "Choose {other} above the place where files are dropped, and drop it there.", status=422,
)  # fmt: skip
TOO_MANY = rule(
    "CON-429", "Too many failed sign-ins", "Too many sign-ins have failed from this address; the next is heard in"
    " {seconds} s.", "Wait, then sign in with a valid token.", status=429, transient=True,
)  # fmt: skip
BUG = rule(
    "CON-500", "An error of Counterfoil", "Something went wrong that should not; its id is {id}.",
    "Try again; if it stays, report the id.", status=500,
)  # fmt: skip
NOT_BUILT = rule(
    "CON-501", "The console is not built", "The part of the console that runs in the browser has not been built.",
    "Install Node.js 18 or newer, run `make console`, and load this page again.", status=503,
)  # fmt: skip
UNAVAILABLE = rule(
    "CON-503", "The database does not answer", "Nothing was read and nothing was done.",
    "Try again in a moment; the server starts its database again by itself.", status=503, transient=True,
)  # fmt: skip

"""Why a message is not taken. Each detail that belongs to a business field begins with ISO 20022's reason code."""

from counterfoil.core.errors import rule

TOO_LARGE = rule(
    "MSG-001", "Message too large", "The message has {size} bytes; {limit} are allowed.", "Send one business message each.",
    status=413,
)  # fmt: skip
NOT_UTF8 = rule(
    "MSG-002", "Not UTF-8", "The message is not UTF-8: {reason}.", "Encode the message, and declare it, as UTF-8.",
)  # fmt: skip
NOT_XML = rule(
    "MSG-003", "Not well-formed XML", "Line {line}: {reason}.", "Send one well-formed XML document.",
)  # fmt: skip
TYPE_DECLARATION = rule(
    "MSG-004", "Document type declaration", "The message has a document type declaration.",
    "Leave it out: no entities are needed or read.",
)  # fmt: skip
TOO_DEEP = rule(
    "MSG-005", "Nested too deeply", "The message nests elements more than {limit} deep.", "Follow the schema.",
)  # fmt: skip
ENVELOPE = rule(
    "MSG-006", "Unknown envelope", "{reason}.",
    "Send a Document, or an AppHdr (head.001.001.01 to .04) and a Document under one root element.",
)  # fmt: skip
UNKNOWN_MESSAGE = rule(
    "MSG-007", "Message not taken", "{definition} is not a message that the depository takes; it takes {taken}.",
    "Send one of these.",
)  # fmt: skip
VERSION = rule(
    "MSG-008", "Another version of the message", "{definition} is not taken; {taken} is.", "Send the version that is taken.",
)  # fmt: skip
HEADER_DIFFERS = rule(
    "MSG-009", "Header and document differ", "The header announces {announced}, the document is {definition}.",
    "Let the header name the message that it comes with.",
)  # fmt: skip
COPY = rule(
    "MSG-010", "A copy", "The header marks the message as a copy ({code}).", "Send instructions as originals or duplicates.",
)  # fmt: skip
UNKNOWN_ELEMENT = rule(
    "MSG-020", "Unknown element", "Line {line}: {parent} has no element {element} here.", "Follow the message's schema.",
)  # fmt: skip
OUT_OF_ORDER = rule(
    "MSG-021", "Element out of order", "Line {line}: {element} stands too late, or too often, in {parent}.",
    "Follow the message's schema.",
)  # fmt: skip
MISSING_ELEMENT = rule(
    "MSG-022", "Element missing", "Line {line}: {parent} lacks {element}.", "Follow the message's schema.",
)  # fmt: skip
STRAY = rule(
    "MSG-023", "Stray text or attribute", "Line {line}: {element} may not have {what}.", "Follow the message's schema.",
)  # fmt: skip
FIELD = rule(
    "MSG-030", "Field of the wrong form", "{iso}: {element} (line {line}) {reason}.", "Follow the message's schema.",
)  # fmt: skip
NOT_SERVED = rule(
    "MSG-031", "Not served", "{iso}: {element} (line {line}) asks for what is not served here: {what}.",
    "Leave the element out, or instruct without what it asks for.",
)  # fmt: skip
NEEDED = rule(
    "MSG-032", "Field needed", "{iso}: {element} is needed: {reason}.", "Add the element.",
)  # fmt: skip
CONTRADICTION = rule(
    "MSG-033", "Fields contradict each other", "{iso}: {reason}.", "Say it once, or twice the same.",
)  # fmt: skip
INEXPRESSIBLE = rule(
    "MSG-040", "Cannot be said in the message", "{element} cannot carry {value}: {reason}.",
    "Ask for the information over the API.",
)  # fmt: skip
ID_USED = rule(
    "MSG-101", "Message id used before", "{sender} has sent another message under the id {id}.",
    "Give every message an id (BizMsgIdr) of its own; repeat a message unchanged, or marked as a possible duplicate.", status=409,
)  # fmt: skip
NO_SENDER = rule(
    "MSG-102", "No sender", "The message has no header that names the party that sends it.",
    "Send it with a business application header (head.001).",
)  # fmt: skip
UNKNOWN_SENDER = rule(
    "MSG-103", "Unknown sender", "{sender} is not a party of this depository.", "Name yourself by BIC or LEI in the header (Fr).",
)  # fmt: skip
FOREIGN_SENDER = rule(
    "MSG-104", "Sent by another", "The message is from {sender}, and was handed in by {party}.", "Send your own messages.", status=403,
)  # fmt: skip
NOT_FOR_US = rule(
    "MSG-105", "Addressed to another", "The message is for {receiver}; this is {depository}.", "Address it (To) to this depository.",
)  # fmt: skip
FOREIGN_PARTY = rule(
    "MSG-106", "Not the sender's own", "{named} is named where {sender} should be.", "Instruct for yourself.",
)  # fmt: skip
FOREIGN_PLACE = rule(
    "MSG-107", "Settles elsewhere", "{place} is another depository; this is {depository}.", "Name this depository on both sides.",
)  # fmt: skip
QUANTITY_FORM = rule(
    "MSG-108", "Quantity of another kind", "{isin} is counted as {wanted}; the message gives {given}.",
    "Send units for what is counted in units, a face amount for nominal.",
)  # fmt: skip
REFERENCES_DIFFER = rule(
    "MSG-109", "References differ", "{reference} is not the instruction that the other fields tell of.",
    "Repeat reference, direction and payment as they were instructed.",
)  # fmt: skip
ACCOUNT_DIFFERS = rule(
    "MSG-118", "Another account", "The instruction is for {instructed}; the message names {account}.",
    "Repeat the securities account as it was instructed, or leave it out.",
)  # fmt: skip
FILE = rule(
    "MSG-110", "Not a file of messages", "{reason}.",
    "Send one message, or a file (head.002.001.01 Xchg) whose Pyld elements hold one each, without comments and CDATA.",
)  # fmt: skip
TOO_MANY = rule(
    "MSG-111", "Too many messages", "The file has more than {limit} messages.", "Send several files.", status=413,
)  # fmt: skip
UNKNOWN = rule(
    "MSG-112", "Unknown message", "There is no message {id}.", "Take an id from your inbox.", status=404
)
NO_CORRESPONDENT = rule(
    "MSG-113", "No correspondent", "{lei} is not a party of this depository.", "Import the party first.", status=404,
)  # fmt: skip
REPORT = rule("MSG-114", "No such report", "{reason}.", "Ask for a period of the account's own.")
EVENT = rule(
    "MSG-115", "Another event", "{event} is no event of {isin}.", "Take the id from the notification, or say NONREF.",
)  # fmt: skip
OPTION_NUMBER = rule(
    "MSG-117", "No such option", "The event has no option {number} of the kind {kind}.",
    "Take number and kind of the option from the notification.",
)  # fmt: skip
ELECTION = rule(
    "MSG-116", "Nothing to choose", "{option} of an event {kind} is not instructed by message.",
    "Instruct an exercise (EXWA, EXER); what is left alone needs no instruction.",
)  # fmt: skip

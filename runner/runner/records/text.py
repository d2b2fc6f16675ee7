"""Text from elsewhere, made fit for people and for files: bounded, in one line, without codes that a terminal obeys."""

import re

from runner.errors import printable

# Characters of an error in one line, of a value on a terminal, of an error in a record.
LINE, SCREEN, WHOLE = 400, 10_000, 20_000

# Control characters but the tab and the line feed; what turns the direction of writing; halves of characters.
CODES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """The text with control characters and what cannot be encoded as Python writes them: shown, not obeyed."""
    return CODES.sub(lambda found: ascii(found[0])[1:-1], text.replace("\r\n", "\n"))


def bounded(text: str, longest: int, rest: str = "") -> str:
    """At most so many characters of a text; `rest` says where all of it is."""
    if len(text) <= longest:
        return text
    return f"{text[:longest].rstrip()} …{f' ({rest})' if rest else ''}"


def one_line(text: str, longest: int = LINE) -> str:
    """The text in one line, as a terminal may show it."""
    # No more is read of megabytes than may be shown, many spaces among it.
    return bounded(printable(text[: 20 * longest]), longest)


def moment_in_words(moment: str) -> str:
    """A moment in UTC, as ISO 8601, as people read it: to the second."""
    return f"{moment[:19].replace('T', ' ')} UTC"


def described(value: object) -> str:
    """What Python says of a value, though its class may fail at that."""
    try:
        return repr(value)
    except Exception as error:
        return f"a {type(value).__name__} (its __repr__ failed: {type(error).__name__})"


def encodable(text: str) -> str:
    """The text with what cannot be encoded, halves of characters, as Python writes them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def said(error: BaseException) -> str:
    """What an error says, though its class may fail at that."""
    try:
        return str(error)
    except Exception:
        return described(error)

"""The exceptions that end a command or a run on purpose, and errors of the disk in words."""

import errno

DISK_ERRORS = {
    errno.ENOSPC: "no space is left on the disk; free some and run the same command again",
    errno.EDQUOT: "the disk quota is used up; free some and run the same command again",
    errno.EROFS: "the folder is read-only; clone the repository where you may write",
    errno.EACCES: "permission denied; check the owner, or clone where you may write",
    errno.ENOTDIR: "a file is where a folder is needed; move or delete it",
    errno.EFBIG: "a file is larger than this shell allows; raise the limit: ulimit -f unlimited",
}


class Stop(Exception):
    """What is wrong, and the next step, in one line; the command ends with exit status 2."""


class Failure(Exception):
    """A run failed, and the message says why; `details` has all there is to know, if that is more."""

    def __init__(self, message: str, details: str = ""):
        super().__init__(message)
        self.details = details


class Done(Exception):
    """All is done that was asked for; the command ends with exit status 0."""


def of_disk(error: BaseException) -> str:
    """What is wrong with the disk or a folder, and the next step; empty if the error is of another kind."""
    if not isinstance(error, OSError) or error.errno not in DISK_ERRORS:
        return ""
    return (f"{error.filename}: " if error.filename else "") + DISK_ERRORS[error.errno]


def printable(text: str) -> str:
    """A text in one line that a terminal shows and does not obey: all that is no visible character is escaped."""
    words = " ".join(text.split())
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in words)


def both_ends(text: str, longest: int) -> str:
    """A text in one line, as a terminal may show it; of a long one also its end, which often is the next step."""
    # No more is read of megabytes than may be shown, many spaces among it.
    words = printable(text if len(text) <= 40 * longest else f"{text[: 20 * longest]} {text[-20 * longest :]}")
    if len(words) <= longest:
        return words
    end = longest // 3
    return f"{words[: longest - end - 3].rstrip()} … {words[-end:].lstrip()}"

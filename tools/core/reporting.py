"""How a target ends: its errors in one line, its exit status, its tables."""

import errno
import importlib
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout, suppress

from tools.core.early import ENDING, Once
from tools.core.errors import Stop
from tools.core.secrets import hidden
from tools.core.streams import lasting

DISK_ERRORS = {
    errno.ENOSPC: "no space is left on the disk; free some and run the same command again",
    errno.EDQUOT: "your disk quota is used up; free some and run the same command again",
    errno.EROFS: "the folder is read-only; clone the repository where you may write",
    errno.EACCES: "permission denied; check the owner, or clone where you may write",
    errno.EEXIST: "a file is where a folder is needed; move or delete it",
    errno.ENOTDIR: "a file is where a folder is needed; move or delete it",
    errno.EFBIG: "a file is larger than this shell allows; raise the limit: ulimit -f unlimited",
}


def ends_in_one_line(target: str, work: Callable[[], int | None], module: str = "") -> int:
    """Runs `work` and returns the exit status; whatever stops it is reported in one line, without passwords.

    `work` needs `module`. While Python imports that, a signal raises no exception, because an import could catch one.
    """
    # All of them unwind the stack, so that child processes and temporary folders go too.
    once = Once(terminated)
    before = {number: signal.getsignal(number) for number in ENDING}
    try:
        if module:
            importlib.import_module(module)
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, once)
        with redirect_stdout(lasting(sys.stdout)):
            status = work() or 0
            sys.stdout.flush()
        return status
    except Stop as stop:
        say(f"{target}: {stop}")
        return 2
    except KeyboardInterrupt:
        say("")  # the terminal has just printed ^C
        say(f"{target}: interrupted; run the same command again to go on")
        return 130
    except Terminated as end:
        say(f"{target}: ended by {signal.Signals(end.code - 128).name}; run the same command again to go on")
        return end.code
    except BaseException as error:
        if words := of_disk(error):
            say(f"{target}: {words}")
            return 2
        words = both_ends(f"{type(error).__name__}: {error}")
        say(f"{target}: unexpected error: {words}; please report it with this file: {kept(error)}")
        return 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def of_disk(error: BaseException) -> str:
    """What is wrong with the disk or a folder, and the next step; empty if the error is of another kind."""
    if not isinstance(error, OSError) or error.errno not in DISK_ERRORS:
        return ""
    return (f"{error.filename}: " if error.filename else "") + DISK_ERRORS[error.errno]


class Terminated(SystemExit):
    """SIGTERM or SIGHUP; the code is the exit status that stands for it."""


def terminated(number: int, _: object) -> None:
    raise KeyboardInterrupt if number == signal.SIGINT else Terminated(128 + number)


def say(line: str) -> None:
    """Prints one line to where errors go, without passwords; what is no visible character is escaped."""
    words = " ".join(hidden(line).split())
    with suppress(OSError):  # the terminal has closed
        print("".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in words), file=sys.stderr)


def kept(error: BaseException) -> str:
    """Writes the traceback of an error to a file, without passwords; returns its path, or why there is none."""
    text = hidden("".join(traceback.format_exception(error)))
    named = {"prefix": "traceback-", "suffix": ".txt", "delete": False}
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", errors="backslashreplace", **named) as file:
            file.write(text)
    except OSError as problem:
        return f"no file: {problem.strerror}"
    return file.name


def both_ends(text: str, start: int = 300, end: int = 150) -> str:
    """What a program has printed, in one line: its first words, and of a long text the last ones too."""
    words = " ".join(text.split()) or "it said nothing"
    return words if len(words) <= start + end else f"{words[:start]} … {words[-end:]}"


def last_line(text: str) -> str:
    """The last line of what a program has printed."""
    return both_ends(text.strip().rpartition("\n")[2])


def reported(findings: Iterable[str]) -> bool:
    """Prints findings, if there are any; whether there are."""
    found = list(findings)
    print("\n".join(found), end="\n" if found else "", flush=True)
    return bool(found)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The rows as text in columns, each as wide as its widest cell."""
    cells = [list(map(str, row)) for row in [header, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])

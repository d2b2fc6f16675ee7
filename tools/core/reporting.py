"""How a target ends: its errors in one line, its exit status, its tables."""

import errno
import signal
import sys
from collections.abc import Callable, Sequence

from tools.core.errors import Stop

DISK_ERRORS = {
    errno.ENOSPC: "no space is left on the disk; free some and run the same command again",
    errno.EDQUOT: "your disk quota is used up; free some and run the same command again",
    errno.EROFS: "the folder is read-only; clone the repository where you may write",
    errno.EACCES: "permission denied; check the owner, or clone where you may write",
}


def ends_in_one_line(target: str, work: Callable[[], int | None]) -> int:
    """Runs `work` and returns the exit status; whatever stops it on purpose is told in one line."""
    # They unwind the stack as Ctrl-C does, so that child processes and temporary folders go too.
    ends = [signal.SIGTERM] + [signal.SIGHUP] * (signal.getsignal(signal.SIGHUP) != signal.SIG_IGN)  # nohup ignores it
    before = {number: signal.signal(number, lambda caught, _: sys.exit(128 + caught)) for number in ends}
    try:
        return work() or 0
    except Stop as stop:
        print(f"{target}: {stop}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\n{target}: interrupted; run the same command again to go on", file=sys.stderr)
        return 130
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        where = f"{error.filename}: " if error.filename else ""
        print(f"{target}: {where}{DISK_ERRORS[error.errno]}", file=sys.stderr)
        return 2
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def last_words(text: str) -> str:
    """The end of what a program has printed, in one line."""
    return " ".join(text.split())[-300:] or "it said nothing"


def last_line(text: str) -> str:
    """The last line of it."""
    return last_words(text.strip().rpartition("\n")[2])


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The rows as text in columns, each as wide as its widest cell."""
    cells = [list(map(str, row)) for row in [header, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])

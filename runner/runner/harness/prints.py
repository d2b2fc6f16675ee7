"""What a run prints of an attempt, with what its task printed: the lines of its log that are not flytekit's."""

from collections.abc import Iterable
from pathlib import Path

from runner.harness.calls import Attempt
from runner.records.errors import headline
from runner.records.record import MEBIBYTE
from runner.records.text import visible

# How a line begins that flytekit logs: an attempt's process sees to that.
LOGGED = "[flytekit] "
MOST = 20  # lines that are shown


def printed_in(folder: Path) -> list[str]:
    """The lines that the task of an attempt printed; of many the last ones, and where the others are."""
    file = folder / "log.txt"
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8", errors="backslashreplace").splitlines()
    found = [line.rstrip() for line in lines if line.strip() and not line.startswith(LOGGED)]
    left_out = len(found) - MOST
    return [f"({left_out} more lines: {file})", *found[-MOST:]] if left_out > 0 else found


def show(attempt: Attempt, printed: Iterable[str] = (), place: str = "") -> None:
    """Prints an attempt as one line, below it what the task printed, its warnings and its error.

    `place` is the image in which the task ran, or the lock of the environment.
    """
    tried = f" {attempt.title}" if attempt.number or attempt.error else ""
    told = f"{attempt.outcome}{tried}"
    memory = f"{attempt.peak_mb / MEBIBYTE:4.0f}Mi" if attempt.peak_mb else ""
    end = f"computed in {attempt.computed_seconds:.2f} s" if attempt.computed_seconds is not None else place
    line = f"  {attempt.node:<8} {attempt.task:<24} {told:<26} {attempt.seconds:6.2f} s {memory:>7}  {end}"
    warned = (f"warning: {words}" for words in attempt.warnings)
    below = [*(f"| {words}" for words in printed), *warned, *([headline(attempt.error)] if attempt.error else [])]
    lines = [line.rstrip(), *(f"{'':<11}{visible(words)}" for words in below)]
    print("".join(f"{line}\n" for line in lines), end="", flush=True)  # at once: other tasks end meanwhile

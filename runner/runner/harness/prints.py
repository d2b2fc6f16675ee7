"""What a task printed: the lines of its attempt's log that are not flytekit's."""

from pathlib import Path

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

"""A status and a time as pictures show them: a class of the style, a sign, and words. No colour stands alone."""

import base64
import hashlib
from pathlib import Path
from string import Template

from runner.records.picture.model import DONE, IDLE, RUNNING

# Where the styles and the frames of the pages are.
FOLDER = Path(__file__).parent
SIGNS = {"ok": "✓", "cached": "✓", "bad": "✗", "idle": "–", "run": "…"}


def class_of(status: str) -> str:
    """The class of a status in the style of the page."""
    if status in ("cached", "recovered"):
        return "cached"
    if status in DONE:
        return "ok"
    return "idle" if status in IDLE else "run" if status in RUNNING else "bad"


def status_in_words(status: str) -> str:
    return f"{SIGNS[class_of(status)]} {status or 'not known'}"


def seconds_in_words(seconds: float | None) -> str:
    """A time with as many digits as say something; empty if it is not known."""
    if seconds is None:
        return ""
    if seconds < 100:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def style(*files: str) -> str:
    """The content of files of styles."""
    return "".join((FOLDER / file).read_text(encoding="utf-8") for file in files)


def framed(frame: str, styles: str, **parts: object) -> str:
    """A page from the file of its frame, with a policy by which only its own style counts."""
    digest = base64.b64encode(hashlib.sha256(styles.encode()).digest()).decode()
    text = (FOLDER / frame).read_text(encoding="utf-8")
    return Template(text).substitute(parts, style=styles, digest=digest)

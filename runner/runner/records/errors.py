"""An error of a task in one line: which words of a traceback say what is wrong."""

import contextlib
import re
import sys
import textwrap
from collections.abc import Iterator

from runner.errors import Failure, Stop
from runner.records.text import LINE, one_line, said

MESSAGE = re.compile(r"^Message:\n", re.MULTILINE)
WITHIN = "':\n  "  # flytekit: Error encountered while executing 'name':
# What flytekit says of an error at a task's border: which input or output it was, and the error's own words.
AT_INPUT = re.compile(r"Error converting input '(.*?)':\nLiteral value: .*\nException: (.*)", re.DOTALL)
AT_OUTPUT = re.compile(
    r"Failed to convert outputs of task '.*?' at position (.*?)\.\n.*?\nError Message: (.*)\.", re.DOTALL
)


def bad_input(text: str) -> str:
    """What flytekit says of an input that it cannot convert, as one line; empty for any other error."""
    found = AT_INPUT.search(text)
    return " ".join(f"bad input {found[1]}: {found[2]}".split()) if found else ""


def own_words(message: str) -> list[str]:
    """The lines in which an error of a task says what is wrong, without the traceback that flytekit puts before them.

    `message` is that of Flyte's error document: the traceback and, after the word "Message:", the error's own words.
    """
    # Only flytekit's own "Message:" begins its line; it indents what the error says.
    text = textwrap.dedent(MESSAGE.split(message)[-1]).strip()
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def words_in(message: str, code: str) -> str:
    """What is wrong, in the error's own words, from the message of Flyte's error document; `code` if it is empty."""
    text = "\n".join(own_words(message)) or code
    return bad_input(text) or text


def reason_in(message: str, code: str) -> str:
    """The same in one line: the first line of an error may say what is wrong, the last one, or one between."""
    return one_line(words_in(message, code))


def reason(error: BaseException) -> str:
    """The error as one line, without the sentences that flytekit puts around it."""
    text = said(error)
    if line := bad_input(text):
        return one_line(line)
    if isinstance(error, Stop | Failure):
        return one_line(text, 4 * LINE)  # it was written for people, and names files
    if found := AT_OUTPUT.search(str(error.args[0]) if error.args else ""):
        # flytekit counts outputs that have no name. Errors with a text of their own keep it.
        name = "" if found[1].isdigit() else f" {found[1]}"
        return one_line(f"bad output{name}: {found[2] if found[0] in text else text}")
    return one_line(f"{type(error).__name__}: {text.rpartition(WITHIN)[2] or text}")


@contextlib.contextmanager
def spared(what: str) -> Iterator[None]:
    """What fails under `with` while it is recorded is said in one line: it must not end the run that it is of."""
    try:
        yield
    except Exception as error:
        print(f"warning: not recorded: {what} ({reason(error)})", file=sys.stderr, flush=True)

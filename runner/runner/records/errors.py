"""An error of a task in one line: which words of a message say what is wrong, the same on every tier."""

import contextlib
import re
import sys
import textwrap
from collections.abc import Iterator

from runner.errors import Failure, Stop, both_ends, of_disk
from runner.records.text import LINE, said

MESSAGE = re.compile(r"^Message:\n", re.MULTILINE)
WITHIN = "':\n  "  # flytekit: Error encountered while executing 'name':
# What flytekit says of an error at a task's border: which input or output it was, and the error's own words.
AT_INPUT = re.compile(r"Error converting input '(.*?)':\nLiteral value: .*\nException: (.*)", re.DOTALL)
AT_OUTPUT = re.compile(
    r"Failed to convert outputs of task '.*?' at position (.*?)\.\n.*?\nError Message: (.*)\.", re.DOTALL
)
# How Java names an error: the cause that is deepest, or else the error itself.
JAVA_CAUSE = re.compile(r"^\s*Caused by: (.+)$", re.MULTILINE)
JAVA_ERROR = re.compile(r"^: ((?:\w+\.)+\w+.*)$", re.MULTILINE)
# flytekit logs in JSON, also about its own sessions that it did not close. None of that is part of an error.
LOG_RECORD = re.compile(r'\{"asctime": ".*"name": "flytekit"')
# What flytekit puts between the type and the text of an error of its own.
KIND = re.compile(r"\bUSER:\w+: error=")
# The last words of an ExceptionGroup, and in its traceback those of each error in it, above the line that ends it.
GROUP = re.compile(r" \(\d+ sub-exceptions?\)$")
IN_GROUP = re.compile(r"((?:^ *\| \S.*\n)+) *\+-{5}", re.MULTILINE)
KILLED = 128 + 9


def bad_input(text: str) -> str:
    """What flytekit says of an input that it cannot convert, as one line; empty for any other error."""
    found = AT_INPUT.search(text)
    return " ".join(f"bad input {found[1]}: {found[2]}".split()) if found else ""


def bad_output(text: str, whole: str) -> str:
    """The same for an output; `whole` is the error's text, which is shown when flytekit's words are not in it."""
    found = AT_OUTPUT.search(text)
    if not found:
        return ""
    # flytekit counts outputs that have no name. Errors with a text of their own keep it.
    name = "" if found[1].isdigit() else f" {found[1]}"
    return " ".join(f"bad output{name}: {found[2] if found[0] in whole else whole}".split())


def own_words(message: str) -> list[str]:
    """The lines in which an error of a task says what is wrong, without the traceback that flytekit puts before them.

    `message` is that of Flyte's error document: the traceback and, after the word "Message:", the error's own words.
    """
    # Only flytekit's own "Message:" begins its line; it indents what the error says.
    text = textwrap.dedent(MESSAGE.split(message)[-1]).strip()
    return [line.rstrip() for line in text.splitlines() if line.strip() and not LOG_RECORD.match(line)]


def words_in(message: str, code: str) -> str:
    """What is wrong, in the error's own words, from the message of Flyte's error document; `code` if it is empty."""
    text = "\n".join(own_words(message)) or code
    if GROUP.search(text):
        errors = [re.sub(r"\s*\| ", " ", lines).strip() for lines in IN_GROUP.findall(message)]
        text = f"{text}: {'; '.join(errors)}"
    return bad_input(text) or bad_output(text, text) or KIND.sub("", text)


def headline(text: str) -> str:
    """An error's own words in one line: of those that say what is wrong."""
    if found := JAVA_CAUSE.findall(text) or JAVA_ERROR.findall(text):
        return both_ends(found[-1], LINE)
    first, *others = [line for line in text.splitlines() if line.strip()] or ["an error without words"]
    if first.startswith("Traceback "):
        return both_ends(others[-1] if others else first, LINE)  # it ends with the error
    # Most errors begin with what is wrong. Of one that is laid out (pydantic's, pandera's), no line alone says it.
    laid_out = first.endswith((":", "{", "[", "(")) or any(line[0].isspace() for line in others)
    return both_ends(text if laid_out else first, LINE)


def reason(error: BaseException) -> str:
    """The error as one line, without the sentences that flytekit puts around it."""
    text = KIND.sub("", said(error))
    if words := of_disk(error):
        return both_ends(words, LINE)
    if line := bad_input(text) or bad_output(str(error.args[0]) if error.args else "", text):
        return both_ends(line, LINE)
    if isinstance(error, Stop | Failure):
        return both_ends(text, 4 * LINE)  # it was written for people, and names files
    return both_ends(f"{type(error).__name__}: {text.rpartition(WITHIN)[2] or text}", LINE)


@contextlib.contextmanager
def spared(what: str) -> Iterator[None]:
    """What fails under `with` while it is recorded is said in one line: it must not end the run that it is of."""
    try:
        yield
    except Exception as error:
        print(f"warning: not recorded: {what} ({reason(error)})", file=sys.stderr, flush=True)


def how_it_ended(status: int, log: str) -> str:
    """How a process or container ended that wrote no result, with the last line of its log that says something.

    A signal is a negative status to Python, 128 more than its number to a shell, and 256 less than that to those who
    hand on Python's: all three are reported as a shell does.
    """
    if status in (-9, 256 - 9):
        status = KILLED
    killed = " (killed)" if status == KILLED else ""
    lines = own_words(log)
    last = both_ends(lines[-1], LINE) if lines else "its log says no more"
    why = ", so no outputs (a task ends by return, not by sys.exit)" if status == 0 else ""
    return f"it ended with exit status {status}{killed} and no result{why}: {last}"


def out_of_memory(limit: str) -> str:
    """An attempt that needed more memory than its limit, which is empty if it is not known."""
    known = f", limit {limit}" if limit else ""
    return (
        f"out of memory (OOMKilled){known}; raise the limit in @task(resources=…), or where the task is called by "
        "with_overrides(resources=…)"
    )


def out_of_time(timeout: str) -> str:
    """An attempt that took longer than its timeout, which is empty if it is not known."""
    return "it took longer than its timeout" + (f" of {timeout}" if timeout else "")

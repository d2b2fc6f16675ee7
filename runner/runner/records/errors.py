"""An error of a task in one line: which words of a message say what is wrong, the same on every tier."""

import re
import textwrap

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
    text = textwrap.dedent(message.rpartition("Message:\n")[2]).strip()
    return [line.rstrip() for line in text.splitlines() if line.strip() and not LOG_RECORD.match(line)]


def reason_in(message: str, code: str) -> str:
    """What is wrong as one line, from the message of Flyte's error document; `code` if the message is empty."""
    lines = own_words(message) or [code]
    text = "\n".join(lines)
    if line := bad_input(text) or bad_output(text, text):
        return line
    if found := JAVA_CAUSE.findall(text) or JAVA_ERROR.findall(text):
        return found[-1].strip()
    # A traceback ends with the error, an error begins with what is wrong.
    return KIND.sub("", lines[-1] if lines[0].startswith("Traceback ") else lines[0]).strip()


def reason(error: BaseException) -> str:
    """The error as one line, without the sentences that flytekit puts around it."""
    text = str(error)
    if line := bad_input(text) or bad_output(str(error.args[0]) if error.args else "", text):
        return line
    words = text.rpartition("':\n  ")[2] or text
    return " ".join(f"{type(error).__name__}: {words}".split())


def ended(status: int, log: str) -> str:
    """How a process or container ended that wrote no result, with the last line of its log that says something.

    A signal is a negative status to Python, 128 more than its number to a shell, and 256 less than that to those who
    hand on Python's: all three are told as a shell does.
    """
    if status in (-9, 256 - 9):
        status = KILLED
    killed = " (killed)" if status == KILLED else ""
    said = own_words(log)
    last = said[-1].strip() if said else "its log says no more"
    return f"it ended with exit status {status}{killed} and no result: {last}"


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

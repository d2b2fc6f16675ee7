"""An error of a task in one line: which words of a traceback say what is wrong."""

import re
import textwrap

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
    text = textwrap.dedent(message.rpartition("Message:\n")[2]).strip()
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def reason_in(message: str, code: str) -> str:
    """What is wrong as one line, from the message of Flyte's error document; `code` if the message is empty."""
    lines = own_words(message) or [code]
    return bad_input("\n".join(lines)) or lines[-1].strip()


def reason(error: BaseException) -> str:
    """The error as one line, without the sentences that flytekit puts around it."""
    text = str(error)
    if line := bad_input(text):
        return line
    if found := AT_OUTPUT.search(str(error.args[0]) if error.args else ""):
        # flytekit counts outputs that have no name. Errors with a text of their own keep it.
        name = "" if found[1].isdigit() else f" {found[1]}"
        line = f"bad output{name}: {found[2] if found[0] in text else text}"
    else:
        words = text.rpartition("':\n  ")[2] or text
        line = f"{type(error).__name__}: {words}"
    return " ".join(line.split())

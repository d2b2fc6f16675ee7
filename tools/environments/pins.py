"""Requirement files: which packages a .in file asks for, and which versions its lock has."""

import functools
import re
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from tools.core.errors import Stop
from tools.core.paths import ROOT

Pin = tuple[str, str]
# The forms in which pip includes another file: -r x, -rx, --requirement x, --requirement=x.
INCLUDE = re.compile(r"(?:-r\s*|--requirement[=\s]\s*)(\S.*)")
COMMENT = re.compile(r"(^|\s)#.*$")


@functools.cache
def parsed(text: str) -> tuple[frozenset[Pin], tuple[str, ...]]:
    """The pins in the text of a requirement file, and the names of the files that it includes.

    A pin is the name, as registries write it, and the version of a line `name==version`. Lines with other
    conditions pin nothing.

    Raises:
        ValueError: a line is no requirement.
    """
    pins, included = set(), []
    for line in (COMMENT.sub("", line).strip() for line in text.replace("\\\n", " ").splitlines()):
        if include := INCLUDE.fullmatch(line):
            included.append(include[1])
        elif line and not line.startswith("-"):
            try:
                requirement = Requirement(re.split(r"\s--", line)[0])
            except InvalidRequirement as error:
                raise ValueError(f"{line!r} is not a requirement: {str(error).splitlines()[0]}") from None
            for condition in requirement.specifier:
                if condition.operator == "==" and "*" not in condition.version and len(requirement.specifier) == 1:
                    pins.add((canonicalize_name(requirement.name), condition.version))
    return frozenset(pins), tuple(included)


def shown(file: Path) -> str:
    """A file by its path in the repository, if it is in there."""
    return str(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file)


def pins(file: Path, including: tuple[Path, ...] = ()) -> frozenset[Pin]:
    """The pins in a requirement file and in the files that it includes, each found beside the file that includes it.

    Raises:
        Stop: the file is missing or no text, a line is no requirement, or files include each other.
    """
    if file.resolve() in including:
        raise Stop(f"{shown(file)} includes itself by way of {shown(including[-1])}; remove one of the -r lines")
    try:
        found, included = parsed(file.read_text(encoding="utf-8"))
    except OSError as error:
        by = f", which {shown(including[-1])} includes," if including else ""
        raise Stop(f"{shown(file)}{by} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Stop(f"{shown(file)} is not UTF-8 text; save it as UTF-8") from None
    except ValueError as error:
        raise Stop(f"{shown(file)}: {error}") from None
    return found.union(*(pins(file.parent / name, (*including, file.resolve())) for name in included))


def missing_pins(lock: Path) -> list[str]:
    """What the .in file beside a lock pins and the lock lacks."""
    source = lock.with_suffix(".in")
    return sorted("==".join(pin) for pin in pins(source) - pins(lock)) if source.exists() else []


def need_fresh(lock: Path) -> None:
    """Raises Stop when the .in file beside a lock was changed since the lock was made."""
    if missing := missing_pins(lock):
        source = shown(lock.with_suffix(".in"))
        raise Stop(f"{source} asks for {', '.join(missing)}, which its lock lacks; run: make lock")

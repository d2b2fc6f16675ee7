"""Where in the lesson's source something was made: flytekit does not say, so it is noted when it happens.

This is right also where reading the source would not be: in loops, in functions that make nodes, in the
graph that a dynamic workflow draws.
"""

import ast
import functools
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType

import flytekit
from flytekit.core.launch_plan import LaunchPlan
from flytekit.core.node import Node

# Code in these folders is not the lesson's: Python's own, that of installed packages, and the shared package.
MACHINERY = tuple(
    f"{folder}/"
    for folder in (Path(functools.__file__).parent, Path(flytekit.__file__).parents[1], Path(__file__).parents[1])
)


@dataclass(frozen=True)
class Line:
    file: str
    number: int

    def __str__(self) -> str:
        file = Path(self.file)
        shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
        return f"{shown}:{self.number}"


def note_lines() -> None:
    """From now on every node and launch plan knows the line that made it; see `made_at`."""
    for kind in (Node, LaunchPlan):
        kind.__init__ = noting(kind.__init__)


def noting(original):
    @functools.wraps(original)
    def init(self, *arguments, **named):
        original(self, *arguments, **named)
        self.made_at = caller()

    return init


def caller() -> Line | None:
    """The innermost line that is the lesson's."""
    frame = sys._getframe(1)
    while frame and is_machinery(frame.f_code.co_filename):
        frame = frame.f_back
    return Line(frame.f_code.co_filename, frame.f_lineno) if frame else None


def is_machinery(file: str) -> bool:
    return file.startswith((*MACHINERY, "<"))


def made_at(thing: object) -> Line | None:
    return getattr(thing, "made_at", None)


def of_function(function: FunctionType) -> Line:
    """The line of `def`."""
    return Line(function.__code__.co_filename, definition(function).lineno)


def of_result(function: FunctionType) -> Line:
    """The line of the last `return`, or of `def` without one."""
    returns = [node.lineno for node in ast.walk(definition(function)) if isinstance(node, ast.Return)]
    return Line(function.__code__.co_filename, max(returns, default=definition(function).lineno))


def definition(function: FunctionType) -> ast.FunctionDef:
    code = function.__code__
    for node in ast.walk(tree(code.co_filename)):
        if isinstance(node, ast.FunctionDef) and code.co_firstlineno in starts(node):
            return node
    raise LookupError(f"{code.co_filename} has changed since it was imported")


def starts(node: ast.FunctionDef) -> Iterable[int]:
    """The line of `def` and those of its decorators, of which Python takes the first for the function's."""
    return (node.lineno, *(decorator.lineno for decorator in node.decorator_list))


def of_argument(line: Line, name: str) -> Line:
    """The line of the argument `name` in a call that starts at `line` and may go on for several."""
    for node in ast.walk(tree(line.file)):
        if isinstance(node, ast.Call) and node.lineno == line.number:
            for keyword in node.keywords:
                if keyword.arg == name:
                    return Line(line.file, keyword.lineno)
    return line


def of_case(line: Line, number: int) -> Line:
    """The line of the condition `number` in the chain of if_ and elif_ calls that `line` is part of."""
    found = line
    for node in ast.walk(tree(line.file)):  # from the outside to the inside
        if isinstance(node, ast.Call) and node.lineno <= line.number <= node.end_lineno:
            conditions = [call for call in chain(node) if call.func.attr in ("if_", "elif_")]
            if number < len(conditions):
                found = Line(line.file, conditions[number].args[0].lineno)
    return found


def chain(node: ast.expr) -> list[ast.Call]:
    """The calls of `a.b().c()`, the first one first."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return []
    return [*chain(node.func.value), node]


@functools.cache
def tree(file: str) -> ast.Module:
    return ast.parse(Path(file).read_text(encoding="utf-8"))

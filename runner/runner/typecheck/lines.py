"""The line of source that made a node, a workflow or a launch plan: flytekit does not keep it.

Without the line a finding names `n7`, and the reader counts calls to find it; in a loop, or in a function that makes
nodes, counting does not help. The line is noted when the node is made, so it is right there, too.
"""

import ast
import functools
import inspect
import sys
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType

from flytekit.core.launch_plan import LaunchPlan
from flytekit.core.node import Node
from flytekit.core.python_function_task import EagerAsyncPythonFunctionTask
from flytekit.core.workflow import WorkflowBase


@dataclass(frozen=True)
class Line:
    file: str
    number: int

    def __str__(self) -> str:
        file = Path(self.file)
        shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
        return f"{shown}:{self.number}"


def note_lines(owns: Callable[[str], bool]) -> None:
    """From now on `made_at` knows the innermost line, in a file that `owns` accepts, that made a thing."""
    for kind in (Node, LaunchPlan, WorkflowBase, EagerAsyncPythonFunctionTask):
        kind.__init__ = noting(kind.__init__, owns)


def noting(original, owns: Callable[[str], bool]):
    @functools.wraps(original)
    def init(self, *arguments, **named):
        original(self, *arguments, **named)
        frame = sys._getframe(1)
        while frame and not owns(frame.f_code.co_filename):
            frame = frame.f_back
        self.made_at = Line(frame.f_code.co_filename, frame.f_lineno) if frame else None

    return init


def made_at(thing: object) -> Line | None:
    return getattr(thing, "made_at", None)


def of_function(function: FunctionType) -> Line:
    """The line of `def`."""
    file, found = definition(function)
    return Line(file, found.lineno)


def of_result(function: FunctionType) -> Line:
    """The line of the last `return`, or of `def` without one."""
    file, found = definition(function)
    returns = (node.lineno for node in ast.walk(found) if isinstance(node, ast.Return))
    return Line(file, max(returns, default=found.lineno))


def definition(function: FunctionType) -> tuple[str, ast.stmt | ast.expr]:
    """The file of a function, and where in it the function is defined; not that of a wrapper around it.

    Of a function that exec() made, no file has a definition: a statement at the line that Python names stands for it.
    """
    code = inspect.unwrap(function).__code__
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    defined = (node for node in ast.walk(tree(code.co_filename)) if isinstance(node, kinds))
    of_exec = ast.Pass(lineno=code.co_firstlineno)
    return code.co_filename, next((node for node in defined if first_line(node) == code.co_firstlineno), of_exec)


def first_line(node: ast.stmt | ast.expr) -> int:
    """The line at which Python says that a function begins: that of its first decorator, if there is one."""
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])


def of_argument(line: Line, name: str) -> Line:
    """The line of the argument `name` in a call that starts at `line` and may go on for several."""
    calls = (node for node in ast.walk(tree(line.file)) if isinstance(node, ast.Call) and node.lineno == line.number)
    found = (keyword for call in calls for keyword in call.keywords if keyword.arg == name)
    return next((Line(line.file, keyword.lineno) for keyword in found), line)


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
    with tokenize.open(file) as source:
        return ast.parse(source.read())

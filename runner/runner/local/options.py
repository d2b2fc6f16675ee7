"""The inputs of a workflow as options of a command line, as `pyflyte run` names them.

Inputs come from the lesson's lesson.toml, then from the file that --inputs-file names, then from the options; the last
one counts. What is given nowhere has the workflow's default.
"""

import contextlib
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rich_click as click
from click.core import ParameterSource
from click.exceptions import Exit
from flytekit.core.type_engine import UnionTransformer
from flytekit.core.workflow import PythonFunctionWorkflow, WorkflowBase

from runner.errors import Done, Stop, both_ends
from runner.lesson import Case, Lesson
from runner.local.kinds import bare, named
from runner.local.stored_values import Unfit, in_file, shown
from runner.local.values import from_data, from_text
from runner.records.text import encodable

FILE = "--inputs-file"
WORDS = 400  # characters of a message


@dataclass(frozen=True)
class Input:
    """An input of a workflow, and the option that gives it."""

    name: str
    kind: Any
    default: Any
    option: click.Option

    @property
    def is_required(self) -> bool:
        """Whether it has no default: flytekit takes an optional one for null."""
        return self.default is None and not is_optional(self.kind)


def typed(target: str, arguments: Sequence[str]) -> str:
    """The command that gives a target its options, in words that a shell reads back."""
    words = shlex.join(arguments)
    quoted = f'"{words}"' if "'" in words and not re.search(r'["$`\\!]', words) else shlex.quote(words)
    return f"{target} ARGS={quoted}" if arguments else target


def inputs_of(
    entity: WorkflowBase, lesson: Lesson, arguments: Sequence[str], target: str, remote: bool = False
) -> dict[str, Any]:
    """The inputs of a workflow by name.

    Args:
        entity: the workflow.
        lesson: whose lesson.toml may give some of them.
        arguments: the words of the command line.
        target: the command that they belong to, for messages.
        remote: whether the workflow runs on a cluster, which gets a copy of every file.

    Raises:
        Stop: a value is missing or does not fit, or there is no such input.
        Done: they asked for help, which is printed.
    """
    try:
        return read(inputs_with_options(entity), entity, lesson, arguments, target, remote)
    except Exit:
        raise Done from None
    except click.ClickException as error:
        words = both_ends(error.format_message(), WORDS)
        end = "" if words.endswith(("?", ".")) else "."
        raise Stop(f"{words}{end} For the inputs: {target} ARGS=--help") from None


def inputs_of_case(entity: WorkflowBase, lesson: Lesson, case: Case, remote: bool = False) -> dict[str, Any]:
    """The inputs that a case of a lesson.toml gives to a workflow, by name; raises Stop as `inputs_of` does."""
    inputs = inputs_with_options(entity)
    try:
        given = from_lesson_toml(inputs, case.inputs, lesson, f"case {case.name!r}", remote)
    except click.UsageError as error:
        raise Stop(both_ends(error.format_message(), WORDS)) from None
    for item in inputs:
        if item.is_required and item.name not in given:
            raise Stop(f"projects/{lesson.name}/lesson.toml case {case.name!r}: the input {item.name} is missing")
    return {item.name: given.get(item.name, item.default) for item in inputs}


def read(
    inputs: list[Input],
    entity: WorkflowBase,
    lesson: Lesson,
    arguments: Sequence[str],
    target: str,
    remote: bool,
) -> dict[str, Any]:
    """The inputs by name; raises click's exceptions."""
    for word in arguments:
        if encodable(word) != word:
            raise click.UsageError(f"{shown(word)} is not UTF-8 text")
    file = click.Option([FILE, "file"], metavar="FILE", help="A YAML or JSON file with inputs by name.")
    parameters = [*(item.option for item in inputs), file]
    command = click.RichCommand("run", params=parameters, help=help_of(entity))
    command.options_metavar = "ARGS='OPTIONS'"
    context = command.make_context(target, list(arguments))
    given = from_lesson_toml(inputs, lesson.inputs, lesson, "[inputs]", remote)
    if name := context.params["file"]:
        given |= from_file(inputs, values_in(name), name, remote)
    for item in inputs:
        if context.get_parameter_source(item.option.name) is ParameterSource.COMMANDLINE:
            given[item.name] = of_option(item, context.params[item.option.name], remote)
    for item in inputs:
        if item.is_required and item.name not in given:
            raise click.MissingParameter(ctx=context, param=item.option)
    return {item.name: given.get(item.name, item.default) for item in inputs}


def inputs_with_options(entity: WorkflowBase) -> list[Input]:
    """The inputs of a workflow with their options."""
    every = entity.python_interface.inputs_with_defaults
    return [
        Input(name, kind, default, option(f"input_{number}", name, kind, default, entity, set(every)))
        for number, (name, (kind, default)) in enumerate(every.items())
    ]


def option(key: str, name: str, kind: Any, default: Any, entity: WorkflowBase, taken: set[str]) -> click.Option:
    """The option of one input; `key` is how click calls its value, and `taken` are the names of all inputs."""
    words = entity.interface.inputs[name].description
    words = "" if words == name else words  # flytekit's, where the docstring says nothing
    if default is not None:
        words += f" [default: {shown(default)}]"
    elif not is_optional(kind):
        words += " [required]"
    if bare(kind) is not bool:
        return click.Option([f"--{name}", key], type=click.UNPROCESSED, metavar=named(kind), help=words.strip())
    off = [other for other in (f"no_{name}", f"no-{name.replace('_', '-')}") if other not in taken]
    flags = [f"--{name}", *(f" /--{other}" for other in off)]  # a blank before the slash: no other way to switch it on
    return click.Option([*flags, key], is_flag=True, default=None, help=words.strip())


def of_option(item: Input, value: Any, remote: bool) -> Any:
    """The value of an input that an option gives; raises click.BadParameter."""
    try:
        return value if isinstance(value, bool) else from_text(item.kind, value, remote)
    except Unfit as unfit:
        raise click.BadParameter(f"{unfit}.", param=item.option) from None


def from_file(inputs: list[Input], values: dict[str, Any], where: str, remote: bool) -> dict[str, Any]:
    """The inputs that a file gives; raises click.UsageError."""
    known = {item.name: item for item in inputs}
    for name in values:
        if name not in known:
            raise click.UsageError(
                f"{where}: no such input: {shown(name)}; the inputs are {', '.join(known) or 'none'}"
            )
    found = {}
    for name, value in values.items():
        try:
            found[name] = from_data(known[name].kind, value, remote)
        except Unfit as unfit:
            raise click.UsageError(f"{where}: {name}: {unfit}") from None
    return found


def from_lesson_toml(
    inputs: list[Input], values: dict[str, Any], lesson: Lesson, table: str, remote: bool
) -> dict[str, Any]:
    """The inputs that a table of lesson.toml gives, where a file's name is relative to it; raises click.UsageError."""
    with contextlib.chdir(lesson.folder):
        return from_file(inputs, values, f"projects/{lesson.name}/lesson.toml {table}", remote)


def values_in(file: str) -> dict[str, Any]:
    """The inputs by name in the file that --inputs-file names; raises click.UsageError."""
    try:
        values = in_file(Path(file))
    except Unfit as unfit:
        raise click.UsageError(f"{FILE}: {unfit}") from None
    if not isinstance(values, dict):
        raise click.UsageError(f"{FILE}: {file} holds no inputs by name, as in 'name: value'")
    return values


def help_of(entity: WorkflowBase) -> str | None:
    """What the workflow's docstring says; a workflow that is no function has none of its own."""
    return entity.__doc__ if isinstance(entity, PythonFunctionWorkflow) else None


def is_optional(kind: Any) -> bool:
    """Whether null is a value of a type, which flytekit does not see in an annotated one."""
    return UnionTransformer.is_optional_type(bare(kind))

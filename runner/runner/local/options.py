"""The inputs of a workflow as options of a command line, converted and refused as `pyflyte run` does it."""

from typing import Any

import rich_click as click
from flytekit import FlyteContextManager
from flytekit.clis.sdk_in_container.run import RunLevelParams, YamlFileReadingCommand, to_click_option
from flytekit.core.workflow import PythonFunctionWorkflow


def command_for(entity: PythonFunctionWorkflow, callback: Any) -> click.Command:
    """A command line with one option per input of the workflow, as `pyflyte run` makes them."""
    local = click.Context(click.Command("run"), obj=RunLevelParams())
    options = [
        to_click_option(
            local,
            FlyteContextManager.current_context(),
            name,
            entity.interface.inputs[name],
            python_type,
            default,
            required=default is None,
        )
        for name, (python_type, default) in entity.python_interface.inputs_with_defaults.items()
    ]
    command = YamlFileReadingCommand(name="run", params=options, help=entity.__doc__, callback=callback)
    command.options_metavar = "ARGS='OPTIONS'"
    return command


def with_defaults(entity: PythonFunctionWorkflow, given: dict[str, Any]) -> dict[str, Any]:
    """The inputs of a workflow, of which Flyte's options leave out those that equal their default."""
    defaults = {name: default for name, (_, default) in entity.python_interface.inputs_with_defaults.items()}
    return {name: default if given.get(name) is None else given[name] for name, default in defaults.items()}

"""A SQLAlchemyTask that binds its inputs instead of pasting them into the query.

The plugin writes inputs into the query as text: with `species = '{{ .inputs.species }}'` the species
x' or '1'='1 returns every row. Here the query says `species = :species`, and the database gets the
value beside the query, so that it stays a value whatever it contains.
"""

from typing import Any

import pandas as pd
from flytekit import Resources, StructuredDataset
from flytekit.configuration import SerializationSettings
from flytekit.core.resources import ResourceSpec
from flytekit.models.task import TaskTemplate
from flytekitplugins.sqlalchemy import SQLAlchemyConfig, SQLAlchemyTask
from flytekitplugins.sqlalchemy.task import SQLAlchemyTaskExecutor
from sqlalchemy import text

from sql_lesson.database import checked, connected


class BoundSQLExecutor(SQLAlchemyTaskExecutor):
    """Runs the query of a BoundSQLTask; all it knows of the task is its serialised form."""

    def execute_from_model(self, tt: TaskTemplate, **inputs: Any) -> pd.DataFrame:
        database = tt.custom
        with connected(database["uri"], database["connect_args"], database["secret_connect_args"]) as connection:
            return pd.read_sql_query(text(database["query_template"]), connection, params=inputs)


class BoundSQLTask(SQLAlchemyTask):
    """A query as a task: inputs go in as `:name`, the rows come out as the structured dataset `results`."""

    def __init__(
        self,
        name: str,
        query_template: str,
        task_config: SQLAlchemyConfig,
        inputs: dict[str, type],
        resources: Resources,
    ):
        """Raises ValueError when the query does not bind exactly the inputs."""
        bound = set(text(query_template).compile().params)
        if bound != inputs.keys():
            raise ValueError(f"the query of {name} binds {sorted(bound)}, its inputs are {sorted(inputs)}")
        size = ResourceSpec.from_multiple_resource(resources)
        super().__init__(
            name=name,
            query_template=query_template,
            task_config=task_config,
            inputs=inputs,
            output_schema_type=StructuredDataset,
            container_image="",  # that of the workflow's other tasks; without it a vendor's
            secret_requests=list((task_config.secret_connect_args or {}).values()),
            requests=size.requests,
            limits=size.limits,
        )

    @property
    def executor_type(self) -> type[BoundSQLExecutor]:
        """What a cluster starts: the name of this class stands in the task's command."""
        return BoundSQLExecutor

    @property
    def executor(self) -> BoundSQLExecutor:
        """What a local run calls."""
        return BoundSQLExecutor()

    def get_custom(self, settings: SerializationSettings) -> dict[str, Any]:
        """What the executor will know: query, URI and where the secrets are. Raises ValueError for a password."""
        checked(self.task_config.uri)
        return super().get_custom(settings)

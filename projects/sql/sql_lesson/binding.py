"""A SQLAlchemyTask that binds its inputs instead of pasting them into the query.

The plugin writes inputs into the query as text. If the query contains `species = '{{ .inputs.species }}'`, the
species x' or '1'='1 returns every row. Here the query contains `species = :species`. The database receives the
value separately, so the value cannot change the query.
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
    """Runs the query of a BoundSQLTask. The executor receives only the serialised form of the task."""

    def execute_from_model(self, tt: TaskTemplate, **inputs: Any) -> pd.DataFrame:
        database = tt.custom
        with connected(database["uri"], database["connect_args"], database["secret_connect_args"]) as connection:
            return pd.read_sql_query(text(database["query_template"]), connection, params=inputs)


class BoundSQLTask(SQLAlchemyTask):
    """A query as a task: `:name` binds an input, and the structured dataset `results` holds the rows."""

    def __init__(
        self,
        name: str,
        query_template: str,
        task_config: SQLAlchemyConfig,
        inputs: dict[str, type],
        resources: Resources,
    ):
        """Raises ValueError if the query does not bind exactly the inputs, or has a `--` comment."""
        if "--" in query_template:  # flytekit joins the lines of the query
            raise ValueError(f"the query of {name} contains --, which would hide all lines after it; write /* … */")
        bound = set(text(query_template).compile().params)
        if bound != inputs.keys():
            raise ValueError(f"the query of {name} binds {sorted(bound)}, but its inputs are {sorted(inputs)}")
        size = ResourceSpec.from_multiple_resource(resources)
        super().__init__(
            name=name,
            query_template=query_template,
            task_config=task_config,
            inputs=inputs,
            output_schema_type=StructuredDataset,
            container_image="",  # the image of the workflow's other tasks; by default, the plugin's vendor image
            secret_requests=list((task_config.secret_connect_args or {}).values()),
            requests=size.requests,
            limits=size.limits,
        )

    @property
    def executor_type(self) -> type[BoundSQLExecutor]:
        """The executor that a cluster starts. The task's command contains the name of this class."""
        return BoundSQLExecutor

    @property
    def executor(self) -> BoundSQLExecutor:
        """The executor that a local run calls."""
        return BoundSQLExecutor()

    def get_custom(self, settings: SerializationSettings) -> dict[str, Any]:
        """Returns what the executor receives: query, URI and names of secrets. Raises ValueError for a password."""
        checked(self.task_config.uri)
        return super().get_custom(settings)

"""Shows why queries must bind their inputs: SQLite3Task of flytekit pastes them, and BoundSQLTask binds them.

python -m sql_lesson.pasted
"""

import pandas as pd
from flytekit import StructuredDataset, kwtypes
from flytekit.extras.sqlite3.task import SQLite3Config, SQLite3Task
from workshop.resources import SMALL

from sql_lesson import database
from sql_lesson.binding import BoundSQLTask

# SQLite3Task is part of flytekit and needs no plugin. It queries a file in its container, or a file that it
# downloads from an object store (s3://…). Flyte stores the address with the task.
pasted = SQLite3Task(
    name="sql_lesson.pasted.pasted",
    query_template="select * from penguins where species = '{{ .inputs.species }}'",
    inputs=kwtypes(species=str),
    output_schema_type=StructuredDataset,
    task_config=SQLite3Config(uri=str(database.sample_file())),
)

bound = BoundSQLTask(
    name="sql_lesson.pasted.bound",
    query_template="select * from penguins where species = :species",
    inputs=kwtypes(species=str),
    task_config=database.config(),
    resources=SMALL,
)


if __name__ == "__main__":
    for query in (pasted, bound):
        for species in ("Gentoo", "x' or '1'='1"):
            rows = query(species=species).open(pd.DataFrame).all()
            print(f"{query.name} with the species {species}: {len(rows)} rows")

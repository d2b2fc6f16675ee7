"""The survey is loaded into SQL, as it arrived: a table of text, with the night of each row."""

from datetime import datetime
from pathlib import Path

import pandas as pd
from flytekit import task
from flytekit.types.directory import FlyteDirectory
from sqlalchemy import Column, MetaData, Table, Text, delete, insert, select

from penguin_pipeline import database
from penguin_pipeline.data import COLUMNS, Rows
from penguin_pipeline.sizes import MEDIUM, QUALITY

# Flyte stores both with the task: the address, so that a cluster uses the database that the registering machine names,
# and the name of the secret, which must exist on the cluster if a task asks for it.
URI = database.address()
ENVIRONMENT = {"PENGUINS_DB": URI} if URI else None
SECRETS = [database.PASSWORD] if URI else None

SURVEYS = Table("surveys", MetaData(), Column("night", Text, index=True), *(Column(name, Text) for name in COLUMNS))


# Not cached, because it writes to a database. One transaction replaces the rows of the night, so an attempt after a
# failed one, or a back-fill, never leaves rows twice.
@task(container_image=QUALITY, resources=MEDIUM, environment=ENVIRONMENT, secret_requests=SECRETS)
def load(files: FlyteDirectory, night: datetime) -> Rows:
    """Stores the files of the night, and returns its rows as text. A column that a file lacks is null in its rows."""
    parts = [pd.read_csv(file, dtype=str) for file in sorted(Path(files).glob("*.csv"))]
    rows = pd.concat(parts).reindex(columns=COLUMNS).assign(night=f"{night:%Y-%m-%d}")
    of_night = SURVEYS.c.night == f"{night:%Y-%m-%d}"
    with database.transaction(URI) as connection:
        SURVEYS.create(connection, checkfirst=True)
        connection.execute(delete(SURVEYS).where(of_night))
        connection.execute(insert(SURVEYS), rows.astype(object).where(rows.notna(), None).to_dict("records"))
        query = select(*(SURVEYS.c[name] for name in COLUMNS)).where(of_night).order_by(SURVEYS.c.penguin_id)
        return pd.DataFrame(connection.execute(query).all(), columns=COLUMNS, dtype="str")

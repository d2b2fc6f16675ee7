"""How much heavier is a penguin with longer flippers? The database aggregates, and scikit-learn fits a line.

Read from top to bottom: two queries as tasks, the tasks that fit and measure the model, and the workflow.
"""

from typing import NamedTuple

import pandas as pd
from flytekit import kwtypes, task, workflow
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error
from workshop.resources import SMALL

from sql_lesson import database
from sql_lesson.binding import BoundSQLTask

LENGTH, MASS = "flipper_length_mm", "body_mass_g"


class Line(NamedTuple):
    model: LinearRegression
    grams_per_mm: float
    rows_read: int
    penguins: int


class Growth(NamedTuple):
    grams_per_mm: float
    rows_read: int
    penguins: int
    error_grams: float


# A declarative task consists of a query, its inputs and the database's address. It contains no Python function.
# The query returns one row for each length, for hundreds of penguins as for hundreds of millions.
mass_by_length = BoundSQLTask(
    name="sql_lesson.workflow.mass_by_length",
    query_template="""
        select flipper_length_mm, avg(body_mass_g) as body_mass_g, count(*) as penguins
        from penguins
        where species = :species and year < :year and body_mass_g is not null
        group by flipper_length_mm
        order by flipper_length_mm
    """,
    inputs=kwtypes(species=str, year=int),
    task_config=database.config(),
    resources=SMALL,
)

penguins_of_year = BoundSQLTask(
    name="sql_lesson.workflow.penguins_of_year",
    query_template="""
        select flipper_length_mm, body_mass_g
        from penguins
        where species = :species and year = :year and body_mass_g is not null
    """,
    inputs=kwtypes(species=str, year=int),
    task_config=database.config(),
    resources=SMALL,
)


# A query returns a structured dataset. Flyte stores it as Parquet, and the task reads it as a data frame.
@task(resources=SMALL)
def fit_line(groups: pd.DataFrame) -> Line:
    """Fits mass to length. The number of penguins weights each length, so the line is that of all penguins."""
    if groups.empty:
        raise ValueError(
            "no penguins to learn from; set the species to Adelie, Chinstrap or Gentoo, and the year to 2008 or later"
        )
    model = LinearRegression().fit(groups[[LENGTH]], groups[MASS], sample_weight=groups["penguins"])
    return Line(model, float(model.coef_[0]), len(groups), int(groups["penguins"].sum()))


@task(resources=SMALL)
def measure_error(model: LinearRegression, penguins: pd.DataFrame) -> float:
    """Returns the mean absolute error of the line, in grams."""
    if penguins.empty:
        raise ValueError("no penguins to measure the error on; set the year to 2008 or 2009")
    return float(mean_absolute_error(penguins[MASS], model.predict(penguins[[LENGTH]])))


@workflow
def mass_per_length(species: str = "Gentoo", year: int = 2009) -> Growth:
    """Fits mass to flipper length on the penguins before `year`, and measures the error on the penguins of `year`."""
    line = fit_line(groups=mass_by_length(species=species, year=year))
    error = measure_error(model=line.model, penguins=penguins_of_year(species=species, year=year))
    return Growth(line.grams_per_mm, line.rows_read, line.penguins, error)


if __name__ == "__main__":
    print(mass_per_length())

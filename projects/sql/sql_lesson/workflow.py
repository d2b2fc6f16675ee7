"""How much heavier is a penguin with longer flippers? The database adds up, scikit-learn fits.

Read from top to bottom: two queries as tasks, the model that is fitted to what they return, the workflow.
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


# A declarative task: a query, its inputs and where the database is. There is no function of ours in it.
# The query returns a row for each length, whether there are hundreds of penguins or hundreds of millions.
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


# What a query returns is a structured dataset: stored as Parquet, read as a data frame.
@task(resources=SMALL)
def fit_line(groups: pd.DataFrame) -> Line:
    """Fits mass to length, each length with the weight of its penguins: the line through all of them."""
    if groups.empty:
        raise ValueError(
            "no penguins to learn from: is the species Adelie, Chinstrap or Gentoo, and the year after 2007?"
        )
    model = LinearRegression().fit(groups[[LENGTH]], groups[MASS], sample_weight=groups["penguins"])
    return Line(model, float(model.coef_[0]), len(groups), int(groups["penguins"].sum()))


@task(resources=SMALL)
def measure_error(model: LinearRegression, penguins: pd.DataFrame) -> float:
    """Returns by how many grams the line misses a penguin, on average."""
    if penguins.empty:
        raise ValueError("no penguins to measure the error on: is the year 2008 or 2009?")
    return float(mean_absolute_error(penguins[MASS], model.predict(penguins[[LENGTH]])))


@workflow
def mass_per_length(species: str = "Gentoo", year: int = 2009) -> Growth:
    """Learns from the penguins before `year` how mass grows with the flipper; measures the error on that year's."""
    line = fit_line(groups=mass_by_length(species=species, year=year))
    error = measure_error(model=line.model, penguins=penguins_of_year(species=species, year=year))
    return Growth(line.grams_per_mm, line.rows_read, line.penguins, error)


if __name__ == "__main__":
    print(mass_per_length())

"""Two tasks and a workflow find the heaviest penguin species."""

from typing import NamedTuple

import pandas as pd
from flytekit import task, workflow
from workshop import penguins
from workshop.resources import SMALL


class Heaviest(NamedTuple):
    species: str
    mean_mass: float


@task(resources=SMALL)
def get_data(year: int) -> pd.DataFrame:
    """Returns the penguins that were weighed in `year`. If `year` is 0, returns those of all years."""
    data = penguins.load().dropna(subset=["body_mass_g"])
    return data[data["year"] == year] if year else data


@task(resources=SMALL)
def find_heaviest(data: pd.DataFrame) -> Heaviest:
    """Returns the species with the largest mean mass, in grams."""
    means = data.groupby("species")["body_mass_g"].mean()
    return Heaviest(species=str(means.idxmax()), mean_mass=float(means.max()))


@workflow
def heaviest_species(year: int = 0) -> Heaviest:
    """Finds the heaviest penguin species, in one year or in all years."""
    heaviest = find_heaviest(data=get_data(year=year))
    return Heaviest(species=heaviest.species, mean_mass=heaviest.mean_mass)


if __name__ == "__main__":
    print(heaviest_species())

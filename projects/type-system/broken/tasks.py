"""The tasks that the broken workflows connect. The tasks themselves are correct."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, NamedTuple

import pandas as pd
from flytekit import current_context, kwtypes, task
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile


class Species(Enum):
    ADELIE = "Adelie"
    GENTOO = "Gentoo"


class Sex(Enum):
    FEMALE = "female"
    MALE = "male"


@dataclass
class Penguin:
    name: str
    mass: int


@dataclass
class Island:
    name: str
    area: float


class Extremes(NamedTuple):
    smallest: int
    largest: int


CsvFile, PngFile = FlyteFile["csv"], FlyteFile["png"]
Masses = Annotated[pd.DataFrame, kwtypes(mass=int)]
Measured = Annotated[pd.DataFrame, kwtypes(mass=int, bill=float)]
Texts = Annotated[pd.DataFrame, kwtypes(mass=str)]


@task
def a_number() -> int:
    return 2


@task
def a_text() -> str:
    return "two"


@task
def maybe_a_number() -> int | None:
    return None


@task
def a_number_or_text() -> int | str:
    return "two"


@task
def numbers() -> list[int]:
    return [1, 2]


@task
def texts() -> list[str]:
    return ["one", "two"]


@task
def a_penguin() -> Penguin:
    return Penguin(name="Pingu", mass=4000)


@task
def a_dict() -> dict:
    return {"nickname": "Pingu"}


@task
def a_species() -> Species:
    return Species.GENTOO


@task
def extremes() -> Extremes:
    return Extremes(smallest=1, largest=9)


@task
def masses() -> Masses:
    return pd.DataFrame({"mass": [4000]})


@task
def masses_as_texts() -> Texts:
    return pd.DataFrame({"mass": ["4000"]})


@task
def bills() -> pd.DataFrame:
    return pd.DataFrame({"bill": [40.5]})


@task
def a_csv() -> CsvFile:
    file = Path(current_context().working_directory) / "masses.csv"
    file.write_text("mass\n4000\n")
    return CsvFile(str(file))


@task
def a_folder() -> FlyteDirectory:
    folder = Path(current_context().working_directory) / "masses"
    folder.mkdir()
    return FlyteDirectory(str(folder))


@task
def double(number: int) -> int:
    return 2 * number


@task
def add(number: int, other: int) -> int:
    return number + other


@task
def shout(text: str) -> str:
    return text.upper()


@task
def total(numbers: list[int]) -> int:
    return sum(numbers)


@task
def total_by_name(numbers: dict[str, int]) -> int:
    return sum(numbers.values())


@task
def rounded(value: int | float) -> int:
    return round(value)


@task
def weigh(penguin: Penguin) -> int:
    return penguin.mass


@task
def survey(island: Island) -> str:
    return f"{island.name}: {island.area} km²"


@task
def call(sex: Sex) -> str:
    return sex.value


@task
def latin(species: Species) -> str:
    return f"Pygoscelis {species.value.lower()}"


@task
def mean_mass(data: Masses) -> float:
    return float(data["mass"].mean())


@task
def ratio(data: Measured) -> float:
    return float((data["mass"] / data["bill"]).mean())


@task
def lightest(data: pd.DataFrame) -> int:
    return int(data["mass"].min())


@task
def show(picture: PngFile) -> int:
    return Path(picture.download()).stat().st_size


@task
def read(file: FlyteFile) -> str:
    return Path(file.download()).read_text()

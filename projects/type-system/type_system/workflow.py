"""A workflow in which a type describes the value of every connection.

Read from top to bottom: the types, the tasks, and the workflow. model.py defines the type of the model.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, NamedTuple

import pandas as pd
from flytekit import current_context, kwtypes, task, workflow
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from workshop import penguins
from workshop.resources import SMALL

from type_system.model import SpeciesModel

# A data frame with declared columns. A task accepts additional columns, but no missing columns.
Penguins = Annotated[
    pd.DataFrame,
    kwtypes(species=str, bill_length_mm=float, bill_depth_mm=float, flipper_length_mm=float, body_mass_g=float),
]

# A file type can declare its format: the extension of the file name.
CsvFile, MarkdownFile = FlyteFile["csv"], FlyteFile["md"]


# An enum allows only the texts that it lists.
class Island(Enum):
    BISCOE = "Biscoe"
    DREAM = "Dream"
    TORGERSEN = "Torgersen"


class Scaling(Enum):
    STANDARD = "standard"
    RANGE = "range"


# A data class groups related values. A workflow can read its single fields.
@dataclass
class Settings:
    """The settings of the training: the measures, their scaling, and C of the logistic regression."""

    features: list[str]
    scaling: Scaling
    regularization: float


@dataclass
class Scores:
    """The accuracy on all penguins, and on the penguins of each species."""

    accuracy: float
    by_species: dict[str, float]


class Parts(NamedTuple):
    train: Penguins
    test: Penguins


class Report(NamedTuple):
    model: SpeciesModel
    accuracy: float
    adelies: float
    summary: MarkdownFile
    mistakes: FlyteDirectory


@task(resources=SMALL)
def settle(features: list[str], scaling: Scaling, regularization: float) -> Settings:
    """Returns the settings. The type allows any text for a feature, so this task rejects unknown measures."""
    if unknown := set(features) - set(penguins.FEATURES):
        raise ValueError(
            f"unknown measure: {', '.join(sorted(unknown))}; the measures are {', '.join(penguins.FEATURES)}"
        )
    return Settings(features=features, scaling=scaling, regularization=regularization)


# `Island | None` makes the input optional. None is a value of the type, so the task must handle it.
@task(resources=SMALL)
def select(island: Island | None) -> Penguins:
    """Returns the penguins of one island, or of all three islands."""
    data = penguins.load().dropna(subset=penguins.FEATURES)
    return data if island is None else data[data["island"] == island.value]


@task(resources=SMALL)
def set_aside(data: Penguins, test_size: float, random_state: int) -> Parts:
    """Splits the penguins. `test_size` is the share of the test part, the same share of each species."""
    return Parts(
        *train_test_split(data, test_size=test_size, random_state=random_state, stratify=data[penguins.TARGET])
    )


@task(resources=SMALL)
def train_model(train: Penguins, settings: Settings) -> SpeciesModel:
    """Fits a logistic regression on scaled measures."""
    species = train[penguins.TARGET].unique()
    if len(species) < 2:
        raise ValueError(f"all these penguins are {species[0]}s; choose Biscoe, Dream or no island")
    scaler = StandardScaler() if settings.scaling == Scaling.STANDARD else MinMaxScaler()
    pipeline = make_pipeline(scaler, LogisticRegression(C=settings.regularization))
    pipeline.fit(train[settings.features], train[penguins.TARGET])
    return SpeciesModel(pipeline=pipeline, features=settings.features)


# In a task, a file or a directory is a local path. Between tasks, it is a stored object. Flyte copies the bytes.
@task(resources=SMALL)
def export(data: Penguins) -> CsvFile:
    """Writes penguins to a CSV file, for readers without Flyte."""
    file = Path(current_context().working_directory) / "penguins.csv"
    data.to_csv(file, index=False)
    return CsvFile(str(file))


# A union accepts a value of either type, and the value keeps its own type.
@task(resources=SMALL)
def evaluate(model: SpeciesModel, data: pd.DataFrame | CsvFile) -> Scores:
    """Measures how often the model predicts the correct species, for penguins in a data frame or in a CSV file."""
    table = data if isinstance(data, pd.DataFrame) else pd.read_csv(data.download())
    right = model.predict(table) == table[penguins.TARGET]
    return Scores(accuracy=float(right.mean()), by_species=right.groupby(table[penguins.TARGET]).mean().to_dict())


@task(resources=SMALL)
def summarize(settings: Settings, scores: dict[str, Scores]) -> MarkdownFile:
    """Writes the accuracies of each part of the data as a Markdown table."""
    rows = [f"| {part} | {score.accuracy:.4f} |" for part, score in scores.items()]
    file = Path(current_context().working_directory) / "summary.md"
    file.write_text(
        "\n".join([f"Trained on {', '.join(settings.features)}", "", "| part | accuracy |", "|---|---|", *rows])
    )
    return MarkdownFile(str(file))


@task(resources=SMALL)
def list_mistakes(model: SpeciesModel, data: list[Penguins]) -> FlyteDirectory:
    """Writes a CSV file for each species, with the penguins that the model assigned to another species."""
    together = pd.concat(data)
    wrong = together[model.predict(together) != together[penguins.TARGET]]
    folder = Path(current_context().working_directory) / "mistakes"
    folder.mkdir()
    for species in penguins.SPECIES:
        wrong[wrong[penguins.TARGET] == species].to_csv(folder / f"{species}.csv", index=False)
    return FlyteDirectory(str(folder))


# Each argument below is a connection. The types of its two ends must fit, and `make typecheck` compares them.
@workflow
def species_report(
    features: list[str] = ["bill_length_mm", "bill_depth_mm"],
    scaling: Scaling = Scaling.STANDARD,
    regularization: float = 1.0,
    island: Island | None = None,
    test_size: float = 0.25,
    random_state: int = 42,
) -> Report:
    """Trains a classifier of penguin species, and reports its mistakes."""
    settings = settle(features=features, scaling=scaling, regularization=regularization)
    parts = set_aside(data=select(island=island), test_size=test_size, random_state=random_state)
    model = train_model(train=parts.train, settings=settings)
    on_train = evaluate(model=model, data=export(data=parts.train))
    on_test = evaluate(model=model, data=parts.test)
    return Report(
        model=model,
        accuracy=on_test.accuracy,
        adelies=on_test.by_species["Adelie"],
        summary=summarize(settings=settings, scores={"train": on_train, "test": on_test}),
        mistakes=list_mistakes(model=model, data=[parts.train, parts.test]),
    )


if __name__ == "__main__":
    print(species_report())

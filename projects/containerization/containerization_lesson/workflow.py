"""Two images give two models from the same code, data and seed.

Read from top to bottom: the names of the images, the tasks, the workflow that compares two releases of
scikit-learn, and a second workflow that adds a task without Python. outcome.py defines what a task gives to
the next one. picture.py draws the deck.
"""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import sklearn
from flytekit import ContainerTask, Deck, Resources, current_context, kwtypes, task, workflow
from flytekit.types.file import FlyteFile
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split
from workshop import penguins
from workshop.resources import SMALL

from containerization_lesson.outcome import Outcome
from containerization_lesson.picture import side_by_side

# Images by their names in lesson.toml. Registration fills in the full name, with registry and tag or digest.
# Tasks that name no image run in the image "default".
OLD = "{{.image.old.fqn}}:{{.image.old.version}}"
CHECKSUM = "{{.image.checksum.fqn}}:{{.image.checksum.version}}"

# The number of threads equals the number of cores in SMALL. By default, NumPy starts one thread per core of the
# machine. Under a limit of one core, these threads spend most of the time waiting for each other.
ONE_THREAD = {"OMP_NUM_THREADS": "1"}


class Comparison(NamedTuple):
    data: FlyteFile
    old_release: str
    old_train_accuracy: float
    old_test_accuracy: float
    current_release: str
    current_train_accuracy: float
    current_test_accuracy: float


class Audited(NamedTuple):
    sha256: str
    old_test_accuracy: float
    current_test_accuracy: float


@task(resources=SMALL)
def get_data(random_state: int) -> FlyteFile:
    """Returns 342 penguins as a Parquet file. Its column `part` is "train" for 80 % of them and "test" for the rest."""
    train, test = train_test_split(penguins.load_measured(), test_size=0.2, random_state=random_state)
    data = pd.concat([train.assign(part="train"), test.assign(part="test")])
    file = Path(current_context().working_directory) / "penguins.parquet"
    # Without compression, because the same data may compress to different bytes on another processor.
    data.to_parquet(file, compression=None)
    return FlyteFile(str(file))


def train_and_judge(data: FlyteFile, regularization: float) -> Outcome:
    """Trains and evaluates a logistic regression with the installed scikit-learn."""
    table = pd.read_parquet(data)
    train, test = (table[table["part"] == part] for part in ("train", "test"))
    model = LogisticRegression(C=regularization, max_iter=5000)
    model.fit(train[penguins.FEATURES], train[penguins.TARGET])

    def accuracy(part: pd.DataFrame) -> float:
        return float(model.score(part[penguins.FEATURES], part[penguins.TARGET]))

    def confusion(part: pd.DataFrame) -> list[list[int]]:
        named = model.predict(part[penguins.FEATURES])
        return confusion_matrix(part[penguins.TARGET], named, labels=penguins.SPECIES).tolist()

    return Outcome(
        release=sklearn.__version__,
        iterations=int(model.n_iter_[0]),
        train_accuracy=accuracy(train),
        test_accuracy=accuracy(test),
        train_confusion=confusion(train),
        test_confusion=confusion(test),
    )


# Two tasks with the same body; only the image differs. One task that is called twice does not work: if a call
# overrides the image of its task, registration does not fill in the name of the image.
@task(container_image=OLD, resources=SMALL, environment=ONE_THREAD)
def train_old(data: FlyteFile, regularization: float) -> Outcome:
    """Trains and evaluates in the image with scikit-learn 1.3.2."""
    return train_and_judge(data, regularization)


@task(resources=SMALL, environment=ONE_THREAD)
def train_current(data: FlyteFile, regularization: float) -> Outcome:
    """Trains and evaluates in the image with the current scikit-learn."""
    return train_and_judge(data, regularization)


@task(resources=SMALL, enable_deck=True, deck_fields=[])
def draw(old: Outcome, current: Outcome):
    """Shows the correct and wrong predictions of both models, as a deck."""
    Deck("Two releases", side_by_side([old, current]))


@workflow
def compare_releases(random_state: int = 42, regularization: float = 0.1) -> Comparison:
    """Trains the same model with two releases of scikit-learn, on the same data."""
    data = get_data(random_state=random_state)
    old = train_old(data=data, regularization=regularization)
    current = train_current(data=data, regularization=regularization)
    draw(old=old, current=current)
    return Comparison(
        data=data,
        old_release=old.release,
        old_train_accuracy=old.train_accuracy,
        old_test_accuracy=old.test_accuracy,
        current_release=current.release,
        current_train_accuracy=current.train_accuracy,
        current_test_accuracy=current.test_accuracy,
    )


# A task without Python: a container with its inputs and outputs. Before the container starts, Flyte writes each
# input to a file with the input's name. After the container ends, Flyte reads each output from such a file.
checksum = ContainerTask(
    name="containerization_lesson.checksum",
    image=CHECKSUM,
    inputs=kwtypes(data=FlyteFile),
    outputs=kwtypes(sha256=str),
    input_data_dir="/var/inputs",
    output_data_dir="/var/outputs",
    command=["sh", "-c", 'sum=$(sha256sum /var/inputs/data) && printf %s "${sum%% *}" > /var/outputs/sha256'],
    resources=Resources(cpu=("100m", "500m"), mem=("16Mi", "32Mi")),
)


@workflow
def audited_comparison(random_state: int = 42, regularization: float = 0.1) -> Audited:
    """Compares two releases, and computes the checksum of their data with a program that shares no code with them."""
    compared = compare_releases(random_state=random_state, regularization=regularization)
    return Audited(
        sha256=checksum(data=compared.data),
        old_test_accuracy=compared.old_test_accuracy,
        current_test_accuracy=compared.current_test_accuracy,
    )


if __name__ == "__main__":
    print(compare_releases())

"""The model of flyte-basics for Flyte 2: tasks that call tasks, and a trigger that runs them every night."""

import flyte
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from workshop import penguins

env = flyte.TaskEnvironment(name="flyte_basics", resources=flyte.Resources(cpu="500m", memory="400Mi"))


@env.task
def split_data(test_size: float, random_state: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    train, test = train_test_split(penguins.load_measured(), test_size=test_size, random_state=random_state)
    return train, test


@env.task
def train_model(train: pd.DataFrame, regularization: float) -> LogisticRegression:
    model = LogisticRegression(C=regularization, max_iter=5000, tol=0.01)
    return model.fit(train[penguins.FEATURES], train[penguins.TARGET])


@env.task
def evaluate(model: LogisticRegression, data: pd.DataFrame) -> float:
    return float(model.score(data[penguins.FEATURES], data[penguins.TARGET]))


# What was a workflow is a task. Its body runs, and `train` is a data frame, not a promise of one.
@env.task(triggers=flyte.Trigger("nightly_training", flyte.Cron("0 2 * * *"), inputs={"test_size": 0.1}))
def train_and_judge(test_size: float = 0.2, random_state: int = 42, regularization: float = 0.1) -> tuple[float, float]:
    train, test = split_data(test_size, random_state)
    model = train_model(train, regularization)
    return evaluate(model, train), evaluate(model, test)


if __name__ == "__main__":
    print(flyte.with_runcontext(mode="local").run(train_and_judge).outputs())

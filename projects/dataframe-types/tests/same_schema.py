"""For a test: two tasks with the same schema. The first only warns; the second raises an error."""

from typing import Annotated

from dataframe_types import workflow
from dataframe_types.defects import Border, Defect
from dataframe_types.schemas import Survey
from flytekit import task
from flytekit import workflow as flyte_workflow
from flytekitplugins.pandera import ValidationConfig
from pandera.typing import DataFrame


@task(enable_deck=True, deck_fields=[])
def lenient() -> Annotated[DataFrame[Survey], ValidationConfig(on_error="warn")]:
    return workflow.read_survey.task_function(defect=Defect.nulls, border=Border.input)


@task(enable_deck=True, deck_fields=[])
def strict(survey: DataFrame[Survey]) -> int:
    return len(survey)


@flyte_workflow
def warned_then_strict() -> int:
    return strict(survey=lenient())

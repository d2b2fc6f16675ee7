"""A data profile as a deck. Its renderer needs other packages, so this task runs in a separate image."""

import pandas as pd
from flytekit import Deck, task
from flytekitplugins.deck import FrameProfilingRenderer
from workshop.resources import MEDIUM

# An image by its name in lesson.toml. Registration fills in the full name.
PROFILE = "{{.image.profile.fqn}}:{{.image.profile.version}}"

# Unless the first variable is set, ydata-profiling reports every profile to its makers (sizes and versions, no data).
# The second one keeps its progress bars out of the log.
QUIET = {"YDATA_PROFILING_NO_ANALYTICS": "1", "TQDM_DISABLE": "1"}


# The profile is a page with its own style and scripts, which would change the look of other tabs. This is another
# reason for a separate task.
@task(container_image=PROFILE, resources=MEDIUM, environment=QUIET, enable_deck=True, deck_fields=())
def profile(data: pd.DataFrame):
    """Reports on every column: distribution, missing values, correlations with other columns."""
    Deck("Profile", FrameProfilingRenderer(title="Penguins").to_html(data))

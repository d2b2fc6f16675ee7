"""A data profile as a deck, by a renderer that needs packages of its own: this module runs in their image."""

import pandas as pd
from flytekit import Deck, task
from flytekitplugins.deck import FrameProfilingRenderer
from workshop.resources import MEDIUM

# An image by its name in lesson.toml; its full name is filled in when the lesson is registered.
PROFILE = "{{.image.profile.fqn}}:{{.image.profile.version}}"

# ydata-profiling tells its makers about every profile (sizes and versions, no data) unless this is set.
QUIET = {"YDATA_PROFILING_NO_ANALYTICS": "1"}


# The profile is a page with a style and scripts of its own, which would change the look of other tabs:
# one more reason for a task of its own.
@task(container_image=PROFILE, resources=MEDIUM, environment=QUIET, enable_deck=True, deck_fields=())
def profile(data: pd.DataFrame):
    """Reports on every column: distribution, missing values, correlations with the others."""
    Deck("Profile", FrameProfilingRenderer(title="Penguins").to_html(data))

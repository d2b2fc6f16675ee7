"""What is published: which images, and whether their tag stands for committed files."""

import os

from tools.core.errors import Stop
from tools.core.variables import switch
from tools.images.bake import bake_plan
from tools.images.naming import tag
from tools.lessons.chosen import chosen_or_all


def is_revision() -> bool:
    """Whether the images' tag stands for committed files; Stop if it does not and DIRTY does not ask for that."""
    if not (tag().startswith("unversioned") or "-dirty" in tag()):
        return True
    if switch("DIRTY"):
        return False
    raise Stop(
        f"files have changed since the last commit, so no revision names these images; commit the changes, or publish "
        f"these images under the tag {tag()}, which the next such publication replaces: DIRTY=1"
    )


def names() -> list[str]:
    """What to publish: the images of the lesson that PROJECT names, or all images, those that lessons build on too."""
    chosen = [name for project in chosen_or_all() for name in project.image_names]
    if os.environ.get("PROJECT"):
        return chosen
    return [name for name, target in bake_plan(chosen).items() if target.get("tags")]

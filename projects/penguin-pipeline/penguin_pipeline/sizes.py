"""The images and the sizes of the tasks. `make test-image PROJECT=penguin-pipeline` prints what each task used."""

from flytekit import Resources

# The images "quality" and "training" of lesson.toml. Registration fills in names and tags. Tasks that name no image run
# in the light one.
QUALITY = "{{.image.quality.fqn}}:{{.image.quality.version}}"
TRAINING = "{{.image.training.fqn}}:{{.image.training.version}}"

# (request, limit): the measured use and 30 MiB for the client of an object store, rounded; and twice as much.
LIGHT = Resources(cpu=("250m", "1"), mem=("250Mi", "500Mi"))
HEAVY = Resources(cpu=("500m", "1"), mem=("450Mi", "900Mi"))

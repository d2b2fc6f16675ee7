"""The images and the sizes of the tasks. `make test-image PROJECT=penguin-pipeline` prints what each task used."""

from flytekit import Resources

# The images "quality" and "training" of lesson.toml. Registration fills in names and tags. Tasks that name no image run
# in the light one.
QUALITY = "{{.image.quality.fqn}}:{{.image.quality.version}}"
TRAINING = "{{.image.training.fqn}}:{{.image.training.version}}"

# (request, limit): about the measured use, and twice as much.
LIGHT = Resources(cpu=("250m", "1"), mem=("200Mi", "400Mi"))
MEDIUM = Resources(cpu=("250m", "1"), mem=("250Mi", "500Mi"))
HEAVY = Resources(cpu=("500m", "1"), mem=("500Mi", "1Gi"))

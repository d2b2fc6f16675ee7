"""Exercise 4: a checksum that must be the expected one, in a container without Python."""

import pytest
from containerization_lesson import workflow
from flytekit import workflow as flyte_workflow

SHA256 = "bf103dc5732b72f0f3b30b1d27e4aeab784e33f51c99d90824563deefd757084"


def test_begun():
    inputs = workflow.audited_comparison.python_interface.inputs
    assert "expected" in inputs, "audited_comparison has no input expected"


def test_default():
    kind, default = workflow.audited_comparison.python_interface.inputs_with_defaults["expected"]
    assert (kind, default) == (str, ""), f"expected must be a str with the default '', not {kind} with {default!r}"


if "expected" in workflow.checksum.python_interface.inputs:

    @flyte_workflow
    def only_checksum(expected: str) -> str:
        return workflow.checksum(data=workflow.get_data(random_state=42), expected=expected)


@pytest.fixture
def run(execute):
    """Returns the checksum, or the error of a run that fails."""
    inputs = workflow.checksum.python_interface.inputs
    assert "expected" in inputs, "the task checksum has no input expected"

    def run(expected):
        try:
            return execute(f"{__name__}:only_checksum", {"expected": expected})["o0"], ""
        except Exception as error:
            return "", str(error)

    return run


@pytest.mark.parametrize("expected", [SHA256, ""])
def test_what_fits_passes(run, expected):
    found, error = run(expected)
    assert not error, f"with expected={expected[:6]!r} the task fails: {error}"
    assert found == SHA256, f"with expected={expected[:6]!r} the output is {found!r}, not the checksum of the data"


def test_another_checksum_fails(run):
    _, error = run("0" * 64)
    assert error, "the run succeeds although the data have another checksum than expected"
    assert "checksum" in error, f"the run fails before the checksum: {error}"

"""The violations of a schema as one line."""

from textwrap import shorten

import pandas as pd
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

# Violations of single rows; others concern a whole column.
OF_ROWS = (
    SchemaErrorReason.DATAFRAME_CHECK,
    SchemaErrorReason.SERIES_CONTAINS_NULLS,
    SchemaErrorReason.SERIES_CONTAINS_DUPLICATES,
)
# Characters of a violation in pandera's words.
LONGEST = 100


def one_line(errors: SchemaErrors) -> str:
    """The schema, and of each violation the column, the check and the number of rows."""
    rows = len(errors.data)
    return f"{errors.schema.name}: {'; '.join(violation(error, rows) for error in errors.schema_errors)}"


def violation(error: SchemaError, rows: int) -> str:
    """One violation in a table of `rows` rows."""
    check = getattr(error.check, "error", None) or getattr(error.check, "name", error.check)
    name = f"{error.column_name} {check}" if error.column_name else str(check)
    if error.reason_code in OF_ROWS:
        return f"{name} fails in {failed_rows(error, rows)} of {rows} rows"
    if error.reason_code is SchemaErrorReason.CHECK_ERROR:
        # The check itself raised, most often because another violation pulled the ground from under it.
        return f"{name} could not run"
    # pandera goes on after the first sentence with all columns of the table, or of the schema.
    return shorten(str(error).partition(". ")[0], LONGEST, placeholder=" …")


def failed_rows(error: SchemaError, rows: int) -> int:
    """How many rows fail; a check that gave one answer for the whole table fails in all."""
    if isinstance(error.check_output, pd.Series):
        return int((~error.check_output).sum())
    return len(error.failure_cases) if isinstance(error.failure_cases, pd.DataFrame) else rows

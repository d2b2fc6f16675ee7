"""Describes the violations of a schema in one line."""

from textwrap import shorten

import pandas as pd
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

# Violations of single rows. All other violations affect a whole column.
OF_ROWS = (
    SchemaErrorReason.DATAFRAME_CHECK,
    SchemaErrorReason.SERIES_CONTAINS_NULLS,
    SchemaErrorReason.SERIES_CONTAINS_DUPLICATES,
)
# The maximum number of characters of a violation in pandera's words.
LONGEST = 100


def one_line(errors: SchemaErrors) -> str:
    """Names the schema and, for each violation, the column, the check and the number of rows."""
    rows = len(errors.data)
    return f"{errors.schema.name}: {'; '.join(violation(error, rows) for error in errors.schema_errors)}"


def violation(error: SchemaError, rows: int) -> str:
    """Describes one violation in a table of `rows` rows."""
    check = getattr(error.check, "error", None) or getattr(error.check, "name", error.check)
    name = f"{error.column_name} {check}" if error.column_name else str(check)
    if error.reason_code in OF_ROWS:
        return f"{name} fails in {failed_rows(error, rows)} of {rows} rows"
    if error.reason_code is SchemaErrorReason.CHECK_ERROR:
        # The check itself raised an error, most often because of another violation.
        return f"{name} could not run"
    # After the first sentence, pandera lists all columns of the table or of the schema.
    return shorten(str(error).partition(". ")[0], LONGEST, placeholder=" …")


def failed_rows(error: SchemaError, rows: int) -> int:
    """Counts the rows that fail. A check with one result for the whole table fails in all rows."""
    if isinstance(error.check_output, pd.Series):
        return int((~error.check_output).sum())
    return len(error.failure_cases) if isinstance(error.failure_cases, pd.DataFrame) else rows

"""A hash of what a data frame holds, so that a cache knows whether it has seen the same data before.

    Measurements = Annotated[pd.DataFrame, HashMethod(hash_frame)]

Two frames have the same hash if, and but for a collision of SHA-256 only if, they have the same rows in the
same order, the same columns (names, types, order) and the same index (values, types, names). In detail:

- Floats count by their bits, so -0.0 is not 0.0 (1 / x differs); but any NaN is the same NaN, whatever its payload.
- A type counts in full: int32 is not int64, str not object, datetime64[s] not datetime64[ns]. How a str column
  is stored (Python, Arrow) is not part of its type. All missing values of a str column are one.
- The categories of a categorical are part of its type, in their order, used or not.
- A RangeIndex is the list of its numbers, and a MultiIndex the list of its levels' values.
- Not seen: attrs, flags, the layout in memory, the frequency of a time index.
- Cells of an object column count with their Python types: 1, True, 1.0 and "1" differ, and so do None, NaN and
  pd.NA. They are read one by one, which is slow.
- What has no bytes or text that represent all of it is refused: objects of other classes, and np.longdouble, whose
  bytes are partly chance.
"""

import contextlib
import datetime
import decimal
import uuid
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd

# Stands at the start of every hash. Change it when the rules above change: every cached result is then a miss.
RULES = b"data frame 2"

# Rows that are read at a time, so that a copy where one is needed stays small.
CHUNK = 2**20

# Arrow's types of 64 bits that count time: a Python object for each would lose nanoseconds.
ARROW_TIMES = ("time64", "date64", "duration", "timestamp")

# Types whose `repr` is complete.
PLAIN = {
    *(bool, int, float, complex, type(None), type(pd.NA), type(pd.NaT), decimal.Decimal, uuid.UUID),
    *(datetime.date, datetime.time, datetime.datetime, datetime.timedelta),
    pd.Period,
}


def hash_frame(frame: pd.DataFrame) -> str:
    """Returns the hash of a frame's content as 64 hexadecimal digits.

    Raises:
        TypeError: a column or an index holds something that has no content hash; says which one.
    """
    digest = sha256(RULES)
    with named("the index"):
        digest.update(of_index(frame.index))
    with named("the list of column names"):
        digest.update(of_index(frame.columns))
    for position, name in enumerate(frame.columns):
        with named(f"column {name!r}"):
            digest.update(of_values(values(frame.iloc[:, position])))
    return digest.hexdigest()


@contextlib.contextmanager
def named(part: str) -> Iterator[None]:
    """Puts before an error which part of the frame has no hash."""
    try:
        yield
    except TypeError as error:
        raise TypeError(f"{part} {error}") from None
    except ValueError as error:  # pyarrow's, of a time that Python cannot hold
        raise TypeError(f"{part} has no content hash: {error}") from None


def of_index(index: pd.Index) -> bytes:
    """The digest of an index: its names and the values of each level."""
    digest = sha256(cell(list(index.names)))
    for number in range(index.nlevels):
        digest.update(of_values(values(index.get_level_values(number))))
    return digest.digest()


def values(column: pd.Series | pd.Index) -> Any:
    """The values of a column or an index, as an array of numpy where it is one."""
    if isinstance(column, pd.RangeIndex):
        return np.arange(column.start, column.stop, column.step)  # to_numpy() would be kept with the index
    return column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array


def of_values(array: Any) -> bytes:
    """The digest of an array: its type, its length, its values."""
    dtype = array.dtype
    digest = sha256(cell([dtype.str if isinstance(dtype, np.dtype) else str(dtype), len(array)]))
    if isinstance(dtype, pd.CategoricalDtype):
        digest.update(cell(bool(dtype.ordered)) + of_index(dtype.categories))
    for start in range(0, len(array), CHUNK):
        for part in parts(array[start : start + CHUNK]):
            digest.update(part)
    return digest.digest()


def parts(array: Any) -> Iterator[Any]:
    """The values of an array as bytes that are the same for equal values."""
    dtype = array.dtype
    if isinstance(dtype, np.dtype) and dtype.kind != "O":
        yield bits(array)
    elif isinstance(dtype, pd.ArrowDtype) and str(dtype).startswith(ARROW_TIMES):
        yield from parts(array.astype("int64[pyarrow]").astype("Int64"))
    elif isinstance(dtype, pd.CategoricalDtype):
        yield bits(array.codes)
    elif isinstance(dtype, pd.DatetimeTZDtype):
        yield bits(array.asi8)
    elif isinstance(dtype, pd.StringDtype):
        yield from of_texts(array)
    elif isinstance(array, pd.arrays.IntegerArray | pd.arrays.FloatingArray | pd.arrays.BooleanArray):
        yield bits(array.isna())
        yield bits(array.to_numpy(dtype.numpy_dtype, na_value=0))
    else:
        yield b"".join(map(cell, array.astype(object)))


def bits(array: np.ndarray) -> np.ndarray:
    """The bytes of an array of numbers or times, with one NaN for all."""
    kind = array.dtype.kind
    if kind not in "biufcmMSU" or (kind in "fc" and array.real.dtype.itemsize > 8):
        raise TypeError(f"holds values of numpy's type {array.dtype}, which have no content hash: make them float64")
    array = np.ascontiguousarray(array)
    if kind in "fc":
        floats = array.view(array.real.dtype)
        missing = np.isnan(floats)
        array = np.where(missing, floats.dtype.type("nan"), floats) if missing.any() else floats
    return array.view(np.uint8)


def of_texts(array: Any) -> Iterator[Any]:
    """Which texts are missing, how long each is, and all of them one after the other."""
    import pyarrow as pa

    try:
        texts = pa.array(array, pa.large_string())
    except UnicodeEncodeError:
        raise TypeError("holds a text with half a surrogate pair, which has no content hash: mend the text") from None
    texts = (texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts).fill_null("")
    _, ends, letters = texts.buffers()
    offsets = np.frombuffer(ends, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    yield bits(array.isna())
    yield bits(np.diff(offsets))
    yield memoryview(letters or b"")[offsets[0] : offsets[-1]]


def cell(value: Any) -> bytes:
    """A Python value as bytes of its type, its length and its content."""
    kind = type(value)
    if kind in PLAIN:
        content = repr(value).encode()
    elif kind in (pd.Timestamp, pd.Timedelta):
        content = cell((repr(value), value.unit, getattr(value, "fold", 0)))
    elif kind is pd.Interval:
        content = cell((value.left, value.right, value.closed))
    elif kind is str:
        content = value.encode("utf-8", "surrogatepass")
    elif kind is bytes:
        content = value
    elif kind in (list, tuple):
        content = b"".join(map(cell, value))
    elif kind is dict:
        content = b"".join(map(cell, value.items()))
    elif kind is np.ndarray:
        content = cell(value.shape) + of_values(value.ravel())
    elif isinstance(value, np.generic):
        content = of_values(value.reshape(1))
    else:
        raise TypeError(f"holds a {kind.__qualname__}, which has no content hash: make it a text or a number")
    return f"{kind.__name__} {len(content)}:".encode() + content

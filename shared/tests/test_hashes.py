"""The content hash of a data frame: what it sees, and what it does not."""

import datetime
import struct
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from workshop import penguins
from workshop.hashes import CHUNK, hash_frame

MIDDLE = CHUNK + CHUNK // 2


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "number": [1, 2, 3],
            "measure": [1.5, float("nan"), 0.0],
            "text": ["a", None, "ü"],
            "class": pd.Categorical(["x", "y", "x"]),
            "day": pd.to_datetime(["2007-11-11", None, "2009-01-01"]),
            "count": pd.array([1, None, 3], dtype="Int64"),
            "anything": pd.Series([1, "1", None], dtype=object),
        },
        index=pd.Index([10, 20, 30], name="id"),
    )


@pytest.fixture(scope="module")
def large() -> pd.DataFrame:
    """More rows than are read at a time."""
    rows = np.arange(2 * CHUNK + 3)
    return pd.DataFrame({"number": rows, "measure": rows / 7, "text": pd.Series(rows % 100).astype(str)})


def test_the_hash_is_the_same_today_on_any_machine_and_in_any_process(frame):
    expected = "c43d770c5bbb9bfa3d0f9b3c5876ecb44e4b178d65defd317597e4f03bd6e6e8"
    assert hash_frame(frame) == expected
    code = "from workshop import penguins; from workshop.hashes import hash_frame; print(hash_frame(penguins.load()))"
    seeds = [{"PYTHONHASHSEED": seed} for seed in ("1", "2")]
    found = {subprocess.run([sys.executable, "-c", code], env=env, capture_output=True).stdout for env in seeds}
    assert found == {f"{hash_frame(penguins.load())}\n".encode()}


def test_an_equal_copy_has_the_same_hash(frame, large):
    for data in (frame, large):
        copy = pd.DataFrame({name: data[name].copy() for name in data}, index=data.index.copy())
        assert hash_frame(copy) == hash_frame(data)
        assert hash_frame(data.iloc[::-1].iloc[::-1]) == hash_frame(data)
    assert hash_frame(large.iloc[5:9]) == hash_frame(pd.DataFrame(large.iloc[5:9].to_dict("list"), index=range(5, 9)))


def test_a_frame_that_was_stored_and_loaded_has_the_same_hash(frame, tmp_path):
    data = frame.drop(columns="anything")
    data.to_parquet(tmp_path / "data.parquet")
    assert hash_frame(pd.read_parquet(tmp_path / "data.parquet")) == hash_frame(data)


@pytest.mark.parametrize(("column", "value"), [("number", -1), ("measure", 0.5), ("text", "101"), ("text", None)])
def test_one_cell_in_the_middle_of_a_large_frame_is_seen(large, column, value):
    changed = large.copy()
    changed.loc[MIDDLE, column] = value
    assert hash_frame(changed) != hash_frame(large)


def test_the_print_out_and_the_sum_of_row_hashes_miss_what_this_sees(large):
    def print_out(data: pd.DataFrame) -> str:
        return str(pd.util.hash_pandas_object(data))

    def row_sum(data: pd.DataFrame) -> int:
        return int(pd.util.hash_pandas_object(data, index=False).sum())

    changed, reversed_, renamed = large.copy(), large[::-1], large.rename(columns={"number": "n"})
    changed.loc[MIDDLE, "measure"] = 0.5
    assert print_out(changed) == print_out(large)
    assert print_out(renamed) == print_out(large)
    assert row_sum(reversed_) == row_sum(large)
    assert len({hash_frame(data) for data in (large, changed, reversed_, renamed)}) == 4


CHANGES = {
    "a renamed column": lambda data: data.rename(columns={"number": "Number"}),
    "the order of the columns": lambda data: data[list(data)[::-1]],
    "a column less": lambda data: data.drop(columns="number"),
    "a column twice": lambda data: pd.concat([data, data[["number"]]], axis=1),
    "the name of the columns": lambda data: data.rename_axis(columns="kind"),
    "the order of the rows": lambda data: data[::-1],
    "a row less": lambda data: data[:-1],
    "no row": lambda data: data[:0],
    "the index": lambda data: data.set_index(pd.Index([10, 20, 31], name="id")),
    "no index": lambda data: data.reset_index(drop=True),
    "the name of the index": lambda data: data.rename_axis(index="ID"),
    "the type of the index": lambda data: data.set_axis(data.index.astype("int32")),
    "two levels": lambda data: data.set_index("number", append=True, drop=False),
    "a narrower number": lambda data: data.astype({"number": "int32"}),
    "numbers as floats": lambda data: data.astype({"number": "float64"}),
    "a masked number": lambda data: data.astype({"number": "Int64"}),
    "texts as objects": lambda data: data.astype({"text": object}),
    "texts as categories": lambda data: data.astype({"text": "category"}),
    "another missing text": lambda data: data.astype({"text": "string"}),
    "an unused category": lambda data: data.assign(**{"class": data["class"].cat.add_categories("z")}),
    "the order of the categories": lambda data: data.assign(**{"class": data["class"].cat.set_categories(list("yx"))}),
    "ordered categories": lambda data: data.assign(**{"class": data["class"].cat.as_ordered()}),
    "the unit of time": lambda data: data.astype({"day": "datetime64[ms]"}),
    "a time zone": lambda data: data.assign(day=data["day"].dt.tz_localize("UTC")),
    "-0.0": lambda data: data.assign(measure=[1.5, float("nan"), -0.0]),
    "a missing count": lambda data: data.assign(count=pd.array([1, 0, 3], dtype="Int64")),
}  # fmt: skip


def test_each_change_gives_another_hash(frame):
    hashes = {name: hash_frame(change(frame)) for name, change in {"none": lambda data: data, **CHANGES}.items()}
    assert len(set(hashes.values())) == len(hashes), hashes


def one(value: object) -> str:
    """The hash of a frame with `value` in its only cell, of type object."""
    column = pd.Series([None], dtype=object)
    column.array[0] = value
    return hash_frame(pd.DataFrame({"x": column}))


def test_cells_of_an_object_column_count_with_their_types():
    day = datetime.date(2007, 11, 11)
    cells = [1, True, 1.0, "1", b"1", None, float("nan"), pd.NA, pd.NaT, -0.0, 0.0, day, str(day), np.int64(1)]
    nested = [[1, 2], [12], (1, 2), [[1], 2], {"a": 1}, {"a": "1"}, np.arange(2000), np.arange(2000) * 1.0]
    middle = np.arange(2000)
    middle[1000] = 0
    found = [one(value) for value in [*cells, *nested, middle, "\ud800"]]
    assert len(set(found)) == len(found)
    assert one(np.arange(2000)) == one(np.arange(2000))
    assert one(np.float64("nan")) != one(float("nan"))


def test_texts_do_not_run_into_each_other():
    pairs = [["ab", "c"], ["a", "bc"], ["abc", ""], ["", "abc"], ["abc", None], [None, "abc"]]
    for dtype in ("str", "string", object):
        assert len({hash_frame(pd.DataFrame({"x": pd.Series(pair, dtype=dtype)})) for pair in pairs}) == len(pairs)


def test_what_is_no_plain_value_is_refused_with_the_column():
    with pytest.raises(TypeError, match="column 'x' holds a object, which has no content hash"):
        one(object())


def arrow(values: list[int | None], kind: pa.DataType) -> pa.Array:
    return pa.array(values, pa.int64()).cast(kind)


HALF_A_PAIR = pd.Series(["\ud800"], dtype=pd.StringDtype("python"))
NESTED = pd.Series([[1]], dtype=pd.ArrowDtype(pa.list_(pa.int64()))).astype(pd.ArrowDtype(pa.list_(pa.time64("ns"))))
REFUSED = {
    "the index holds a object, which": pd.DataFrame({"x": [1]}, index=[object()]),
    "the list of column names holds a object, which": pd.DataFrame([[1]], columns=[object()]),
    "column 'x' holds a text with half a surrogate pair, which": pd.DataFrame({"x": HALF_A_PAIR}),
    "column 'x'": pd.DataFrame({"x": NESTED}),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_has_no_content_hash_is_refused_with_the_part_of_the_frame_that_holds_it(words):
    with pytest.raises(TypeError, match=f"^{words} has no content hash: "):
        hash_frame(REFUSED[words])


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize == 8, reason="it is float64 on this machine")
def test_numbers_whose_bytes_are_partly_chance_are_refused():
    for refused in (np.array([1.0], np.longdouble), np.array([1.0], np.clongdouble)):
        with pytest.raises(TypeError, match=r"^column 'x' holds values of numpy's type .*, which have no content hash"):
            hash_frame(pd.DataFrame({"x": refused}))
    with pytest.raises(TypeError, match="column 'x' holds values of numpy's type"):
        one(np.longdouble(1))


def test_intervals_and_times_in_cells_count_in_full():
    zones = [[pd.Timestamp(day, tz=zone) for day in ("2007", "2008")] for zone in ("Europe/Berlin", "Europe/Paris")]
    ends = [*zones, [np.float32(0.1), np.float32(1)], [0.1, 1.0]]
    intervals = [pd.Interval(*pair, closed=closed) for pair in ends for closed in ("left", "right")]
    day = pd.Timestamp("2007-11-11")
    times = [day.as_unit("s"), day.as_unit("ns"), day.as_unit("ns").replace(fold=1)]
    spans = [pd.Timedelta(1, "D").as_unit(unit) for unit in ("s", "ns")]
    cells = [*intervals, *times, *spans]
    assert len({one(value) for value in cells}) == len(cells)
    assert one(pd.Interval(*zones[0])) == one(pd.Interval(*zones[0]))


@pytest.mark.parametrize(
    "kind",
    [pa.time64("ns"), pa.time64("us"), pa.duration("ns"), pa.timestamp("ns"), pa.timestamp("ns", "UTC")],
    ids=str,
)
def test_times_of_arrow_count_to_the_nanosecond(kind):
    columns = [arrow(values, kind) for values in ([1, None], [3, None], [1, 0], [0, 1])]
    frames = [pd.DataFrame({"x": pd.arrays.ArrowExtensionArray(column)}) for column in columns]
    assert len({hash_frame(frame) for frame in frames}) == len(frames)
    assert hash_frame(frames[0]) == hash_frame(pd.concat([frames[0][:1], frames[0][1:]]))


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128", "Float64"])
def test_any_nan_is_the_same_nan(dtype):
    odd = np.array(struct.unpack("<d", struct.pack("<Q", 0x7FF8_0000_0000_1234)) * 2)
    plain, other = (pd.DataFrame({"x": pd.array(values, dtype=dtype)}) for values in (np.full(2, np.nan), odd))
    assert hash_frame(plain) == hash_frame(other)
    assert hash_frame(plain) != hash_frame(plain.fillna(0))


def test_what_is_not_content_is_not_seen(frame):
    noted = frame.copy()
    noted.attrs["source"] = "Palmer Station"
    assert hash_frame(noted) == hash_frame(frame)
    numbers = pd.DataFrame(np.arange(6).reshape(3, 2), columns=["a", "b"])
    assert hash_frame(numbers) == hash_frame(pd.DataFrame(np.asfortranarray(numbers.to_numpy()), columns=["a", "b"]))
    assert hash_frame(numbers) == hash_frame(numbers.set_index(pd.Index([0, 1, 2])))
    stored = [numbers.astype({"a": pd.StringDtype(storage, na_value=np.nan)}) for storage in ("python", "pyarrow")]
    assert hash_frame(stored[0]) == hash_frame(stored[1])


def test_a_multi_index_counts_by_its_values():
    levels = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", "y"])
    data = pd.DataFrame({"z": [1, 2]}, index=levels)
    with_more_levels = pd.MultiIndex.from_tuples([("c", 3), ("a", 1), ("b", 2)], names=["x", "y"])[1:]
    assert hash_frame(data) == hash_frame(data.set_index(with_more_levels))
    assert hash_frame(data) != hash_frame(data.swaplevel())
    assert hash_frame(data) != hash_frame(data.rename_axis(index=["x", "w"]))
    assert hash_frame(data) != hash_frame(data.set_index(levels.set_levels([1, 3], level="y")))


@pytest.mark.parametrize(
    ("dtype", "column"),
    [
        ("period[M]", pd.Series(pd.period_range("2007-01", periods=3, freq="M"))),
        ("interval", pd.Series(pd.interval_range(0, 3))),
        ("sparse", pd.Series([0, 0, 1]).astype("Sparse[int]")),
        ("arrow", pd.Series([1, None, 3], dtype="int64[pyarrow]")),
        ("duration", pd.Series(pd.to_timedelta([1, 2, 3], unit="h"))),
        ("zone", pd.Series(pd.date_range("2007-01-01", periods=3, tz="Antarctica/Palmer"))),
    ],
)
def test_other_types_of_column(dtype, column):
    data = pd.DataFrame({dtype: column})
    assert hash_frame(data) == hash_frame(data.copy())
    assert hash_frame(data) != hash_frame(pd.DataFrame({dtype: column[::-1].reset_index(drop=True)}))
    assert hash_frame(data) != hash_frame(data.astype(object))

"""Tests the store: in a folder, in an object store, and without an address."""

import subprocess
import sys
from pathlib import Path

import pytest
from flytekit import FlyteContextManager
from flytekit.configuration import DataConfig
from flytekit.core.data_persistence import FileAccessProvider
from nights import names
from penguin_pipeline.store import Store


def test_a_promoted_model_is_in_use_and_the_one_before_stays(tmp_path):
    store = Store(str(tmp_path / "store"))
    assert store.model_in_use() is None
    store.promote(b"first", "2026-11-02")
    store.promote(b"second", "2026-11-03")
    assert Store(str(tmp_path / "store")).model_in_use() == b"second"
    assert len(names(tmp_path / "store")) == 3


def test_a_promotion_that_is_interrupted_leaves_the_model_in_use(tmp_path, monkeypatch):
    store = Store(str(tmp_path))
    store.promote(b"first", "2026-11-02")
    write = store.write

    def interrupted(name: str, content: bytes) -> None:
        if name == "in_use.json":
            raise OSError("the network is gone")
        write(name, content)

    monkeypatch.setattr(store, "write", interrupted)
    with pytest.raises(OSError, match="network"):
        store.promote(b"second", "2026-11-03")
    assert Store(str(tmp_path)).model_in_use() == b"first"


def test_an_object_store_is_reached_as_flyte_reaches_it(monkeypatch):
    monkeypatch.setenv("FLYTE_AWS_ENDPOINT", "http://store.example:9000")
    monkeypatch.setenv("FLYTE_AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("FLYTE_AWS_SECRET_ACCESS_KEY", "b")
    context = FlyteContextManager.current_context()
    own = FileAccessProvider("/tmp/own", "s3://bucket/data", DataConfig.auto())
    with FlyteContextManager.with_context(context.with_file_access(own)):
        store = Store("s3://bucket/penguins")
    assert store.folder == "bucket/penguins"
    assert store.files.storage_options["client_kwargs"] == {"endpoint_url": "http://store.example:9000"}


PROGRAM = """
from penguin_pipeline.store import Store

before = Store("").model_in_use()
Store("").promote(b"model", "2026-11-02")
print(before, Store("").model_in_use())
"""


def test_without_an_address_a_model_ends_with_its_process():
    command, folder = [sys.executable, "-c", PROGRAM], Path(__file__).parents[1]
    found = [subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert found == ["None b'model'\n"] * 2


def test_a_relative_address_is_refused():
    with pytest.raises(ValueError, match=r"the store 'models' is relative; write an absolute path"):
        Store("models")

"""The data is what the docstrings say."""

from workshop import penguins


def test_all_penguins():
    data = penguins.load()
    assert data.shape == (344, 8)
    assert tuple(sorted(data["species"].unique())) == penguins.SPECIES
    missing = data.isna().sum()
    assert missing["body_mass_g"] == missing["bill_length_mm"] == missing["flipper_length_mm"] == 2
    assert missing["sex"] == 11


def test_measured_penguins():
    data = penguins.load_measured()
    assert list(data.columns) == [penguins.TARGET, *penguins.FEATURES]
    assert len(data) == 342
    assert not data.isna().any().any()

"""The Palmer penguins: 344 penguins of three species, measured 2007 to 2009 at Palmer Station.

Source: Horst AM, Hill AP, Gorman KB (2020), palmerpenguins: Palmer Archipelago (Antarctica) penguin
data, https://allisonhorst.github.io/palmerpenguins/, dedicated to the public domain (CC0 1.0).
Collected by Dr. Kristen Gorman and the Palmer Station Long Term Ecological Research Program.
The file lies beside this module, so nothing is downloaded.
"""

from pathlib import Path

import pandas as pd

CSV = Path(__file__).with_name("penguins.csv")
SPECIES = ("Adelie", "Chinstrap", "Gentoo")
TARGET = "species"
FEATURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]


def load() -> pd.DataFrame:
    """Loads all penguins.

    Returns:
        344 rows in the order of the source, 8 columns: species, island and sex (text), bill_length_mm,
        bill_depth_mm and flipper_length_mm (millimetres), body_mass_g (grams), year. What was not
        measured is NaN: both bill measures, flipper and mass of 2 penguins, the sex of 11.
    """
    return pd.read_csv(CSV)


def load_measured() -> pd.DataFrame:
    """Loads the species and the four measures of the penguins that were measured.

    Returns:
        342 rows, the columns TARGET and FEATURES, no NaN; the index is that of `load`.
    """
    return load()[[TARGET, *FEATURES]].dropna()

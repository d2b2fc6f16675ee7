"""Tests each renderer separately, without a task and without Flyte."""

import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest
from custom_decks.card import CardRenderer, ModelCard, origin
from custom_decks.renderers import (
    CalibrationRenderer,
    ConfusionRenderer,
    EstimatorRenderer,
    LearningCurve,
    LearningCurveRenderer,
    TableRenderer,
)
from custom_decks.threshold import STEPS, ThresholdRenderer, outcomes
from flytekit.deck.renderer import Renderable
from links import links, pictures
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

STATED = pd.DataFrame(
    {
        "species": ["Adelie", "<b>Gentoo</b>", "Chinstrap", "Adelie", "Gentoo"],
        "male": [False, False, False, True, True],
        "probability": [0.0, 0.25, 0.75, 0.5, 1.0],
    },
    index=[3, 5, 8, 13, 21],
)
CURVE = LearningCurve(np.array([10, 20]), np.array([[0.9, 1.0], [0.8, 0.9]]), np.array([[0.5, 0.6], [0.7, 0.8]]))
MODEL = make_pipeline(StandardScaler(), LogisticRegression(C=0.125)).fit([[0.0], [1.0]], [0, 1])
CARD = ModelCard("a <purpose>", "a model", "ab", "cd", 2, {"seed": 1}, {"accuracy": 0.5}, origin())

RENDERED = [
    (EstimatorRenderer(), MODEL),
    (TableRenderer(), {"a": 1}),
    (ConfusionRenderer(), {"one": STATED, "two": STATED}),
    (CalibrationRenderer(bins=2), {"one": STATED, "two": STATED}),
    (LearningCurveRenderer(), {"one": CURVE, "two": CURVE}),
    (ThresholdRenderer(), STATED),
    (CardRenderer(), CARD),
]


def texts(html: str) -> list[str]:
    """Returns the texts in the only picture of the HTML."""
    (picture,) = pictures(html)
    found = ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314  (this test made it)
    return ["".join(text.itertext()).strip() for text in found]


@pytest.mark.parametrize(("renderer", "value"), RENDERED, ids=[type(renderer).__name__ for renderer, _ in RENDERED])
def test_is_what_flyte_takes_for_a_renderer_and_links_to_nothing(renderer, value):
    assert isinstance(renderer, Renderable)
    assert not links(renderer.to_html(value))


@pytest.mark.parametrize("renderer", [ConfusionRenderer(), CalibrationRenderer(bins=2)])
def test_the_same_values_give_the_same_bytes(renderer):
    assert renderer.to_html({"one": STATED}) == renderer.to_html({"one": STATED})


def test_an_estimator_shows_its_steps_and_their_parameters():
    html = EstimatorRenderer().to_html(MODEL)
    assert all(word in html for word in ("StandardScaler", "LogisticRegression", "0.125"))
    assert "console.warn" not in html


def test_two_estimators_share_a_page():
    first, second = (EstimatorRenderer().to_html(MODEL) for _ in range(2))
    names = [set(re.findall(r'\bid="([^"]*)"', html)) for html in (first, second)]
    assert names[0] and not names[0] & names[1]


def test_a_table_shows_markup_as_text():
    html = TableRenderer().to_html({"<i>": "<script>alert(1)</script>"})
    assert "<script>" not in html
    assert "<th>&lt;i&gt;</th><td>&lt;script&gt;" in html


def test_confusion_matrices_count():
    found = texts(ConfusionRenderer().to_html({"one": STATED}))
    assert [word for word in found if word.isdigit()] == ["2", "1", "0", "2"]
    assert "one" in found


def test_calibration_curves_name_the_models():
    assert {"one", "two", "Perfectly calibrated"} <= set(
        texts(CalibrationRenderer(bins=2).to_html({"one": STATED, "two": STATED}))
    )


def test_learning_curves_name_the_models():
    assert {"one", "two", "accuracy"} <= set(texts(LearningCurveRenderer().to_html({"one": CURVE, "two": CURVE})))


@pytest.mark.parametrize(
    ("step", "counts"),
    [
        (0, [0, 3, 0, 2, "0.400"]),
        (25, [1, 2, 0, 2, "0.600"]),
        (26, [2, 1, 0, 2, "0.800"]),
        (50, [2, 1, 0, 2, "0.800"]),
        (51, [2, 1, 1, 1, "0.600"]),
        (100, [3, 0, 1, 1, "0.800"]),
    ],
)
def test_the_slider_tells_what_comes_of_a_threshold(step, counts):
    every = json.loads(re.search(r"counts = (\[\[.*?\]\])", ThresholdRenderer().to_html(STATED))[1])
    assert len(every) == STEPS + 1
    assert every[step] == counts


def test_outcomes_agree_with_the_threshold_itself():
    random = np.random.default_rng(0)
    male, probability = random.random(500) < 0.5, random.random(500)
    every = outcomes(male, np.floor(probability * STEPS).astype(int))
    for step, (*counts, share) in enumerate(every):
        taken = probability >= step / STEPS
        assert counts == [np.sum(~male & ~taken), np.sum(~male & taken), np.sum(male & ~taken), np.sum(male & taken)]
        assert float(share) == pytest.approx(np.mean(male == taken), abs=0.0005)


def test_every_penguin_is_a_dot_with_a_tooltip():
    html = ThresholdRenderer().to_html(STATED)
    assert re.findall(r"<title>(.*?)</title>", html)[1] == "penguin 5, &lt;b&gt;Gentoo&lt;/b&gt;, female: 0.250"
    assert re.findall(r'data-step="(\d+)" data-is="(\w+)"', html) == [
        ("0", "female"),
        ("25", "female"),
        ("75", "female"),
        ("50", "male"),
        ("100", "male"),
    ]


def test_a_card_shows_every_fact_and_reads_as_json():
    html = CardRenderer().to_html(CARD)
    facts = json.loads(repr(CARD))
    for name, value in (facts | facts["origin"] | facts["scores"]).items():
        if not isinstance(value, dict):
            assert f"<th>{name}</th>" in html
    assert "<td>a &lt;purpose&gt;</td>" in html
    assert "<h2>How good it is (cross-validation)</h2>" in html
    assert CARD.origin.lock_sha256 in html

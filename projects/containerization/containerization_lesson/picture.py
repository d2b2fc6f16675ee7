"""Draws the picture of the deck: confusion matrices side by side, as SVG. SVG needs no package to draw or to show."""

from collections.abc import Sequence
from html import escape

from workshop.penguins import SPECIES

from containerization_lesson.outcome import Outcome

CELL, LEFT, TOP = 90, 110, 70
WIDTH, HEIGHT = LEFT + CELL * len(SPECIES) + 30, TOP + CELL * len(SPECIES) + 40
RIGHT_COLOUR, WRONG_COLOUR, EMPTY_COLOUR = "#2da44e", "#cf222e", "#f6f8fa"


def text(x: float, y: float, words: object, **attributes: object) -> str:
    """Returns a text centred at the point (x, y)."""
    rendered = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x}" y="{y}" text-anchor="middle"{rendered}>{escape(str(words))}</text>'


def matrix(title: str, counts: Sequence[Sequence[int]]) -> str:
    """Returns one confusion matrix, with its upper left corner at the origin."""
    drawn = [text(LEFT + CELL * len(SPECIES) / 2, 24, title, font_weight="bold")]
    for row, species in enumerate(SPECIES):
        middle = CELL * (row + 0.5)
        drawn += [text(LEFT + middle, TOP - 12, species), text(LEFT / 2, TOP + middle + 5, species)]
        for column, count in enumerate(counts[row]):
            colour = EMPTY_COLOUR if not count else RIGHT_COLOUR if row == column else WRONG_COLOUR
            x, y = LEFT + CELL * column, TOP + CELL * row
            drawn.append(f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="{colour}" stroke="#fff"/>')
            drawn.append(text(x + CELL / 2, y + CELL / 2 + 7, count, font_size=20, fill="#fff" if count else "#888"))
    return "".join(drawn)


def side_by_side(outcomes: Sequence[Outcome]) -> str:
    """Returns one column per outcome: the matrix of the training part, below it the matrix of the test part."""
    drawn = []
    for column, outcome in enumerate(outcomes):
        parts = (
            (f"training: {outcome.train_accuracy:.4f}", outcome.train_confusion),
            (f"test: {outcome.test_accuracy:.4f}", outcome.test_confusion),
        )
        heading = f"scikit-learn {outcome.release}, {outcome.iterations:,} iterations"
        drawn.append(text(WIDTH * column + LEFT + CELL * len(SPECIES) / 2, 30, heading, font_size=18))
        for row, (title, counts) in enumerate(parts):
            x, y = WIDTH * column, 40 + HEIGHT * row
            drawn.append(f'<g transform="translate({x} {y})">{matrix(title, counts)}</g>')
    size = f'viewBox="0 0 {WIDTH * len(outcomes)} {HEIGHT * 2 + 40}"'
    return (
        "<p>Rows: the true species. Columns: the predicted species. Red: wrong predictions.</p>"
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="width: 100%; max-width: 60rem" '
        f'font-family="sans-serif" font-size="14">{"".join(drawn)}</svg>'
    )

"""Photos of demo people: drawn hills under a sky, different for each person, equal in each run."""

import colorsys
from functools import cache
from io import BytesIO
from math import sin, tau
from random import Random

from PIL import Image, ImageDraw

from accounts.photos import squares_of

# Drawn larger than it is kept, so that its lines are smooth.
SIDE = 768
HILLS = 4
# Hues of a sky in the morning, at noon or in the evening, and of what lies below it.
SKIES, GROUNDS = (0.03, 0.08, 0.54, 0.6, 0.68, 0.94), (0.33, 0.42, 0.5, 0.58, 0.66, 0.76)
Colour = tuple[int, int, int]


@cache
def scenery(key: str) -> dict[int, bytes]:
    """`{side: WebP}`, the picture that belongs to key."""
    file = BytesIO()
    _draw(Random(key)).save(file, "PNG", compress_level=1)  # noqa: S311  a drawing, not a secret
    return squares_of(file, file.tell())


def _draw(chance: Random) -> Image.Image:
    sky, ground = chance.choice(SKIES), chance.choice(GROUNDS)
    low, high = _colour(sky + 0.05, 0.9, 0.75), _colour(sky, 0.72, 0.6)
    picture = Image.composite(
        Image.new("RGB", (SIDE, SIDE), low),
        Image.new("RGB", (SIDE, SIDE), high),
        Image.linear_gradient("L").resize((SIDE, SIDE)),
    )
    brush = ImageDraw.Draw(picture)
    sun = (chance.uniform(0.28, 0.72) * SIDE, chance.uniform(0.26, 0.4) * SIDE)
    brush.circle(sun, chance.uniform(0.09, 0.14) * SIDE, fill=_colour(sky + 0.1, 0.97, 0.9))
    for hill in range(HILLS):
        depth = (hill + 1) / HILLS
        fill = _colour(ground, 0.74 - 0.54 * depth, 0.3 + 0.15 * depth)
        brush.polygon([(0, SIDE), *_ridge(chance, 0.36 + 0.4 * depth), (SIDE, SIDE)], fill=fill)
    return picture


def _ridge(chance: Random, height: float) -> list[tuple[float, float]]:
    """A wavy line from left to right. height: its mean distance from the top, 0 to 1."""
    waves = [
        (chance.uniform(0.03, 0.09) / number, chance.uniform(0.5, 1.1) * number, chance.random())
        for number in (1, 2, 5)
    ]

    def top(x: float) -> float:
        return height + sum(size * sin(tau * (x * often + at)) for size, often, at in waves)

    return [(x, SIDE * top(x / SIDE)) for x in range(0, SIDE + 8, 8)]


def _colour(hue: float, lightness: float, saturation: float) -> Colour:
    red, green, blue = colorsys.hls_to_rgb(hue % 1, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)

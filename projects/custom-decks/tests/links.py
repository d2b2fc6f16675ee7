"""What makes a browser ask for something that is not in the page."""

import base64
import re

LINK = re.compile(
    r"""(?<![\w-])(?:src|href|srcset|action)\s*=\s*["']?(?!data:|#)\w|url\(["']?(?!data:|#)|@import|\bfetch\("""
)
PICTURE = re.compile(r'src="data:image/svg\+xml;base64,([^"]*)"')


def pictures(html: str) -> list[str]:
    """The SVG pictures that are embedded in HTML."""
    return [base64.b64decode(data).decode() for data in PICTURE.findall(html)]


def links(html: str) -> list[str]:
    """Links out of the page, in its HTML, styles, scripts and pictures."""
    return [link for text in (html, *pictures(html)) for link in LINK.findall(text)]

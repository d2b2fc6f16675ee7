"""Finds everything in a page that makes a browser load something from outside of the page."""

import base64
import re

LINK = re.compile(
    r"""(?<![\w-])(?:src|href|srcset|action)\s*=\s*["']?(?!data:|#)\w|url\(["']?(?!data:|#)|@import|\bfetch\("""
)
PICTURE = re.compile(r'src="data:image/svg\+xml;base64,([^"]*)"')


def pictures(html: str) -> list[str]:
    """Returns the SVG pictures that are embedded in HTML."""
    return [base64.b64decode(data).decode() for data in PICTURE.findall(html)]


def links(html: str) -> list[str]:
    """Returns the links to the outside in the HTML, styles, scripts and pictures of a page."""
    return [link for text in (html, *pictures(html)) for link in LINK.findall(text)]

"""How wide a text is, and how it is made to fit: plain sums, so that a layout needs no renderer."""

from __future__ import annotations

from collections.abc import Iterable

ELLIPSIS = "…"
POINTS_PER_INCH = 72.0

# Width of the characters of DejaVu Sans, in ems, each rounded up to that of its group; any other
# character counts as a full em, which no letter of the Latin alphabet exceeds.
_GROUPS = {
    0.28: "ijl'",
    0.34: " ,./:;\\|IJ",
    0.42: "()[]!-frt",
    0.54: '"*_`?sz',
    0.62: "FLPTYacekovxy",
    0.64: "0123456789${}ESbdghnpqu",
    0.70: "ABCKRVXZ",
    0.79: "&DGHNOQU",
    0.84: "#+<=>^~w",
}
_EMS = {character: ems for ems, group in _GROUPS.items() for character in group}
_BOLD = 1.23  # bold is wider by at most so much


def width_of(text: str, size_pt: float, *, bold: bool = False) -> float:
    """Return the width of ``text`` in inches: never too little, and a few percent too much."""
    ems = sum(_EMS.get(character, 1.0) for character in text)
    return ems * (_BOLD if bold else 1.0) * size_pt / POINTS_PER_INCH


def shorten(text: str, width: float, size_pt: float, *, bold: bool = False) -> str:
    """Return ``text``, its middle replaced by an ellipsis where it is wider than ``width``.

    Names differ at both ends (a purpose first, a number last), so both ends are kept.
    """
    if width_of(text, size_pt, bold=bold) <= width:
        return text
    for kept in range(len(text) - 1, 1, -1):
        head = (kept + 1) // 2
        short = text[:head] + ELLIPSIS + text[head - kept :]
        if width_of(short, size_pt, bold=bold) <= width:
            return short
    return ELLIPSIS


def wrap(text: str, width: float, size_pt: float) -> list[str]:
    """Return ``text`` in lines no wider than ``width``, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size_pt) <= width:
            lines[-1] = longer
        else:
            lines.append(shorten(word, width, size_pt))
    return lines


def widest(texts: Iterable[str], size_pt: float, *, bold: bool = False) -> float:
    """Return the width of the widest of ``texts``, 0 where there are none."""
    return max((width_of(text, size_pt, bold=bold) for text in texts), default=0.0)

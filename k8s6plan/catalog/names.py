"""Names as people write them -> the names of the data.

1. Case never counts: ``AKS`` is aks, ``US-East-1`` is us-east-1.
2. Providers, platforms, CNIs and encapsulations have titles and aliases, in which spaces, dashes
   and dots do not count either: ``On Premises`` is on-prem. Aliases are rows of the data.
3. Of a region its code counts, dashes and all (``us-east1`` is another provider's ``us-east-1``),
   or the name that its provider shows for it, with or without spaces: ``West Europe``. Providers
   show more than the name: ``(Europe) West Europe``, ``us-east-1 (N. Virginia)``, ``N. Virginia``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, Literal, get_args

from k8s6plan.catalog._files import load, provider_file, provider_names
from k8s6plan.catalog.providers import areas
from k8s6plan.catalog.regions import regions_of
from k8s6plan.errors import nearest

Kind = Literal["provider", "platform", "cni", "cni_mode", "encapsulation"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_AREAS = {"eu": "europe", "europe": "eu", "ap": "asia", "asia": "ap"}  # as one or the other writes


def fold(text: str) -> str:
    """Return the letters and digits of ``text``, without regard to case."""
    return "".join(char for char in text.casefold() if char.isalnum())


@cache
def rows(kind: Kind) -> Mapping[str, Any]:
    """Return what the data has of a kind: a row for each name, perhaps with title and aliases."""
    if kind == "provider":
        return {name: provider_file(name) for name in provider_names()}
    file, table = {
        "platform": ("platforms.yaml", "platforms"),
        "cni": ("platforms.yaml", "cnis"),
        "cni_mode": ("reachability.yaml", "modes"),
        "encapsulation": ("encapsulations.yaml", "encapsulations"),
    }[kind]
    found: Mapping[str, Any] = load(file)[table]
    return found


def aliases(kind: Kind, name: str) -> tuple[str, ...]:
    """Return what else ``name`` is called."""
    return tuple(rows(kind)[name].get("aliases", ()))


@cache
def _by_word(kind: Kind) -> dict[str, str]:
    """Return the name behind each folded name, title and alias; names count before the others."""
    found: dict[str, str] = {}
    for name, row in rows(kind).items():
        for word in (row.get("title", name), *row.get("aliases", ())):
            found.setdefault(fold(word), name)
    return found | {fold(name): name for name in rows(kind)}


@lru_cache(maxsize=1 << 12)
def name_of(kind: Kind, text: str) -> str | None:
    """Return the name in the data that ``text`` means; None where the data knows none."""
    if kind == "provider" and text in provider_names():
        return text  # nearly always, and no file has to be read
    return _by_word(kind).get(fold(text))


def near_name(kind: Kind, text: str) -> str | None:
    """Return the name of the data that ``text`` may be a slip of the pen for, or for its alias."""
    name = nearest(text.casefold(), list(rows(kind)))
    if name is not None:
        return name
    words = _by_word(kind)
    near = nearest(fold(text), list(words))
    return None if near is None else words[near]


# --- regions -------------------------------------------------------------------------------------


@cache
def region_codes(provider: str) -> frozenset[str]:
    """Return the regions that the data knows of ``provider``; none where it lists none."""
    file = provider_file(provider)
    codes = file["regions"].get("codes", ()) if file is not None and "regions" in file else ()
    return frozenset((*regions_of(provider), *codes)).union(*areas(provider).values())


@lru_cache(maxsize=1 << 12)
def region_named(provider: str, text: str) -> str | None:
    """Return the region of ``provider`` that ``text`` means, by its code or its shown name.

    None where the data knows none.
    """
    if text in region_codes(provider):
        return text
    for shown in (text, *_parts(text)):
        name = _by_code(provider).get(shown.casefold())
        name = name or _by_shown_name(provider).get(fold(shown))
        if name is not None:
            return name
    return None


def _parts(text: str) -> Iterator[str]:
    """Yield a shown name without the brackets before it, and without those behind it."""
    before, _, behind = text.partition("(")
    if not before.strip():
        yield behind.partition(")")[2].strip()
    elif behind.rstrip().endswith(")"):
        yield before.strip()


@cache
def _by_code(provider: str) -> dict[str, str]:
    return {code.casefold(): code for code in sorted(region_codes(provider))}


@cache
def _by_shown_name(provider: str) -> dict[str, str]:
    """Return the region behind each name that the provider shows, where it is one region's only."""
    shown = {
        (fold(name), code)
        for code, place in regions_of(provider).items()
        for name in _shown_as(place.name)
    }
    counted = Counter(name for name, _ in shown)
    areas_of = {fold(place.name.partition("(")[0]) for place in regions_of(provider).values()}
    parts = areas_of - {fold(place.name) for place in regions_of(provider).values()}
    return {name: code for name, code in shown if counted[name] == 1 and name not in parts}


def _shown_as(name: str) -> Iterator[str]:
    """Yield a shown name, what is in its brackets, and an old spelling: EU (Ireland)."""
    yield name
    area, _, place = name.partition("(")
    if place:
        yield place
    if area.startswith("Europe"):
        yield f"EU {name.removeprefix('Europe')}"


def near_region(provider: str, text: str) -> str | None:
    """Return the region of ``provider`` that ``text`` may be a slip of the pen for.

    Another provider's way to write it comes first: us-east-1 is us-east1, eu-west-4 europe-west4.
    """
    codes = sorted(region_codes(provider))
    plain = {fold(code): code for code in codes}
    area, dash, rest = text.casefold().partition("-")
    for written in (text, f"{_AREAS.get(area, area)}{dash}{rest}"):
        if fold(written) in plain:
            return plain[fold(written)]
    return nearest(text.casefold(), codes)


def whose_region(text: str) -> str | None:
    """Return the first provider, by name, that has a region of this code; None: nobody."""
    return next((name for name in provider_names() if text.casefold() in _by_code(name)), None)


def region_aliases(provider: str, region: str) -> tuple[str, ...]:
    """Return the name that ``provider`` shows for a region, where it means that one alone."""
    place = regions_of(provider).get(region)
    known = place is not None and _by_shown_name(provider).get(fold(place.name)) == region
    return (place.name,) if place is not None and known else ()


def place_named(text: str) -> str:
    """Return "provider/region" by the names of the data; any other text as it is."""
    provider, slash, region = text.partition("/")
    owner = name_of("provider", provider) if slash else None
    if owner is None:
        return text
    return f"{owner}/{region_named(owner, region) or region}"

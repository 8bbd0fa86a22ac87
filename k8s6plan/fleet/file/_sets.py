"""Cluster sets: what is wrong with them, and what is to be known of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping

from k8s6plan.fleet.file._selectors import Selectable
from k8s6plan.fleet.model import Fleet
from k8s6plan.fleet.sets import Sets, are_divided, share
from k8s6plan.io.remarks import Remark, cut
from k8s6plan.io.words import number

MOST_SETS = 1000
_MOST_NAMED = 8  # clusters, or values of a label, in one message
_ENVIRONMENT = ("env", "environment")  # labels that set apart what seldom needs joining


def set_remarks(sets: object, known: Selectable) -> Iterator[Remark]:
    """Yield what is wrong in `cluster_sets`: who is in a set must exist."""
    if not isinstance(sets, Mapping):
        return
    if len(sets) > MOST_SETS:
        message = f"{len(sets):,} sets are more than {MOST_SETS:,}; name fewer"
        yield Remark(("cluster_sets",), message)
        return
    for name, given in sets.items():
        listed = isinstance(given, list)
        for index, selector in enumerate(given if isinstance(given, list) else [given]):
            why = known.why_nobody(selector)
            if why:
                yield Remark(("cluster_sets", str(name), *([index] if listed else [])), why)


def crossing_demands(fleet: Fleet) -> Iterator[Remark]:
    """Yield each demand between two clusters that share no set."""
    if not fleet.divided:
        return
    for index, demand in enumerate(fleet.demands):
        senders, receivers = fleet.selected[demand.source], fleet.selected[demand.target]
        pairs, first = _crossing(fleet.sets, senders, receivers)
        if first is None:
            continue
        one, other = (_with_sets(fleet, place) for place in first)
        which = f"{one} and {other} share no set"
        if pairs > 1:
            which = f"{pairs:,} of its pairs share no set, the first is {one} and {other}"
        yield Remark(
            ("demands", index),
            f"from {cut(demand.source)} to {cut(demand.target)} runs across cluster_sets: {which}; "
            "put those that talk into one set, or narrow the demand",
            ("cluster_sets",),
        )


def _crossing(
    sets: tuple[Sets, ...], senders: Collection[int], receivers: Collection[int]
) -> tuple[int, tuple[int, int] | None]:
    """Return how many pairs of two clusters share no set, and the first; no cluster meets itself.

    Counted by sets, and not by pairs.
    """
    heard: dict[Sets, list[int]] = defaultdict(list)
    for place in receivers:
        heard[sets[place]].append(place)
    sent = Counter(sets[place] for place in senders)
    apart = {own: [other for other in heard if not share(own, other)] for own in sent}
    hearing = set(receivers)
    pairs = sum(sent[own] * len(heard[other]) for own in sent for other in apart[own])
    pairs -= sum(place in hearing for place in senders if not sets[place])
    if not pairs:
        return 0, None
    for place in senders:
        met = (heard[other][:2] for other in apart[sets[place]])
        others = [other for some in met for other in some if other != place]
        if others:
            return pairs, (place, min(others))
    return 0, None  # pragma: no cover - there are pairs


def _with_sets(fleet: Fleet, place: int) -> str:
    """Return "berlin (production, shared)"."""
    names = list(fleet.cluster_sets)
    held = _listed([names[number] for number in fleet.sets[place]])
    return f"{fleet.clusters[place].name} ({held or 'in no set'})"


def to_know_of_sets(fleet: Fleet) -> Iterator[Remark]:
    """Yield who is in no set; without sets and demands, that nothing says who needs whom."""
    alone = [
        cluster.name
        for cluster, sets in zip(fleet.clusters, fleet.sets, strict=True)
        if not sets and fleet.cluster_sets
    ]
    if alone:
        yield Remark(
            ("cluster_sets",),
            f"{_listed(alone)} {'is' if len(alone) == 1 else 'are'} in no set: "
            f"{'it reaches' if len(alone) == 1 else 'they reach'} nobody, and nothing is joined "
            "for that; add a set if somebody must be reached",
        )
    mixed = _mixed_sites(fleet) if fleet.divided else []
    if mixed:
        yield Remark(
            ("cluster_sets",),
            f"{_listed(mixed)} {'has' if len(mixed) == 1 else 'have'} clusters that share no set, "
            "and nothing here keeps clusters of one site from each other; give them sites of their "
            "own if they lie in networks of their own",
        )
    if fleet.cluster_sets or fleet.demands:
        return
    values: dict[str, set[str]] = defaultdict(set)
    for cluster in fleet.clusters:
        for key in _ENVIRONMENT:
            if key in cluster.labels:
                values[key].add(cluster.labels[key])
    for key, found in values.items():
        if len(found) > 1:
            named = sorted(found)
            say = ", ".join(f'{value}: "{key}={value}"' for value in named[:2])
            yield Remark(
                ("clusters",),
                f"{number(len(found), 'environment')} ({key}: {_listed(named)}), and nothing says "
                "who needs whom, so every two clusters are joined; say who talks in `demands`, or "
                f"who may reach whom, as in `cluster_sets: {{{say}}}`",
            )
            return


def _mixed_sites(fleet: Fleet) -> list[str]:
    """Return the sites with clusters in sets that have nothing in common."""
    held: dict[str, set[Sets]] = {site: set() for site in fleet.members}
    for cluster, sets in zip(fleet.clusters, fleet.sets, strict=True):
        if sets:
            held[cluster.site_name].add(sets)
    return [site for site, found in held.items() if are_divided(found)]


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")

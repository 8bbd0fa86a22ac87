"""As demanded: a link between two sites only where the fleet file says that they talk."""

from itertools import product

from k8s6plan.topology.flows import talker_of
from k8s6plan.topology.joins import PEERING, TUNNEL, Design, Draft, SiteClass, is_native


def join(draft: Draft) -> None:
    """Join each two sites between which there is a demand, by a peering or a tunnel.

    A pair of clusters is joined where its sites are, and is then one hop apart; other pairs have no
    path.
    """
    if not draft.outline.flows:
        draft.why_not = "the fleet file has no demands, so that it joins nothing"
    sites = draft.classes(by=lambda site: talker_of(site.members).demands)
    sending: dict[int, list[SiteClass]] = {}
    hearing: dict[int, list[SiteClass]] = {}
    for site in sites:
        talker = talker_of(site.first.members)
        for ends, demands in ((sending, talker.sends), (hearing, talker.hears)):
            for demand in demands:
                ends.setdefault(demand, []).append(site)
    for demand, senders in sending.items():
        for one, other in product(senders, hearing.get(demand, ())):
            draft.join(one, other, PEERING if is_native(one, other) else TUNNEL)


AS_DEMANDED = Design(
    name="as-demanded",
    title="As demanded",
    asks="asks that every new conversation be foreseen: sites without a demand do not meet",
    join=join,
    suits=lambda outline: bool(outline.flows),
)

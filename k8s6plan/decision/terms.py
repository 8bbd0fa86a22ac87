"""What designs are held against: prices, quotas, what work costs, and how the fleet grows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s6plan.evaluation.cost.book import PriceBook
    from k8s6plan.evaluation.latency import Survey
    from k8s6plan.evaluation.limits import Grows, LimitBook
    from k8s6plan.fleet.model import Fleet, Work
    from k8s6plan.fleet.model.book import PriceBook as BookFile
    from k8s6plan.topology.groups import Outline
    from k8s6plan.topology.joins import Topology
    from k8s6plan.topology.traffic import Choices

HORIZON = 10_000  # clusters up to which a breaking point is looked for


class Terms:
    """The terms of one comparison, which all its designs share."""

    def __init__(
        self,
        growth: Grows | None = None,
        *,
        book: PriceBook | None = None,
        limits: LimitBook | None = None,
        work: Work | None = None,
        horizon: int = HORIZON,
        fleet: Fleet | None = None,
    ) -> None:
        """Take prices and limits as they ship where none are given.

        Without ``growth`` nothing is said of the fleet at other sizes.
        """
        self.growth = growth
        self._book = book
        self._limits = limits
        self.work = work
        self.horizon = horizon
        self.fleet = fleet
        self._choices: dict[tuple[object, ...], Choices] = {}

    @cached_property
    def book(self) -> PriceBook:
        """The prices in force."""
        from k8s6plan.evaluation.cost.book import PriceBook

        return self._book or PriceBook()

    @property
    def currency(self) -> str:
        """The currency of every sum of money."""
        return "USD" if self._book is None else self._book.currency

    @property
    def overridden(self) -> tuple[str, ...]:
        """The rows of price that the user put in place of those that ship."""
        return () if self._book is None else self._book.overridden

    @cached_property
    def limits(self) -> LimitBook:
        """The limits in force."""
        from k8s6plan.evaluation.limits import LimitBook

        return self._limits or LimitBook()

    @property
    def start(self) -> Outline:
        """The fleet as it is."""
        if self.growth is None:
            raise ValueError("the fleet of these terms is not told")
        return self.growth.start

    @cached_property
    def survey(self) -> Survey:
        """Where the sites of the fleet lie."""
        from k8s6plan.evaluation.latency import survey

        if self.fleet is None:
            raise ValueError("the fleet of these terms is not told")
        return survey(self.fleet, self.start)

    def choices(self, topology: Topology) -> Choices:
        """Return the paths that traffic takes in topologies of one shape, as far as chosen.

        They hang on the prices, and on what else of the fleet decides where tunnels end.
        """
        outline = topology.outline
        assumptions = tuple(sorted(outline.assumptions.items()))
        places = tuple(vertex.place for vertex in topology.vertices)
        key = (topology.shape, places, outline.carries, assumptions)
        return self._choices.setdefault(key, {})

    def with_book(self, book: PriceBook) -> Terms:
        """Return the same terms with other prices."""
        return Terms(
            self.growth,
            book=book,
            limits=self.limits,
            work=self.work,
            horizon=self.horizon,
            fleet=self.fleet,
        )


def terms_of(fleet: Fleet, book: BookFile | None = None, *, growth: Grows | None = None) -> Terms:
    """Return the terms of ``fleet``, with a price book of the user's own."""
    from k8s6plan.evaluation.cost.book import PriceBook
    from k8s6plan.evaluation.limits import LimitBook
    from k8s6plan.topology.growth import Growth

    return Terms(
        growth or Growth(fleet),
        book=PriceBook(fleet.prices, book),
        limits=LimitBook(fleet.limits),
        work=fleet.work,
        fleet=fleet,
    )

"""Everything that a review asks of a fleet, gathered once: as a page, as Markdown, as JSON.

    fleet, terms -> Report -> page | markdown | to_json

``report_of`` gathers comparison, other sizes, failures, packet sizes, findings, addresses and
assumptions; of a large fleet it leaves out what would take too long, and says so. ``page`` is one
HTML file that asks no network for anything, ``markdown`` is short, for a pull request, and
``to_json`` has every figure. Each figure is that of the module which is for it.
"""

from __future__ import annotations

from k8s6plan.views.report._addresses import Addresses, Row, addresses_of
from k8s6plan.views.report._gather import Report, report_of
from k8s6plan.views.report._json import to_json
from k8s6plan.views.report._markdown import markdown
from k8s6plan.views.report._page import page

__all__ = ["Addresses", "Report", "Row", "addresses_of", "markdown", "page", "report_of", "to_json"]

"""The report in a browser, as a person uses it: Debian's Chromium, without a screen or a network.

Without Chromium the tests are skipped, but in CI they fail (tests/tools.py).
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from k8s6plan.views.report import page as page_of
from tests.reports import EVIL, MARK, fleet_of, gathered, hostile_report, page_at
from tests.tools import need

ROOT = Path(__file__).resolve().parents[1]
CLOUDS = ROOT / "examples" / "three-clouds.yaml"
CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
WIDTHS = (400, 900, 1600)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("report")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    need(found=CHROMIUM is not None, what="chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a page of three fleets: an ordinary one, a large one, one with hostile names."""
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, text in (
        ("clouds", page_at(CLOUDS)),
        ("many", page_of(gathered(fleet_of(320)), MARK)),
        ("hostile", page_of(hostile_report(), MARK)),
    ):
        found[name] = folder / f"{name}.html"
        found[name].write_text(text, "utf-8")
    return found


class Opened:
    """A page that notes what it asks the network for, and what it complains of."""

    def __init__(self, browser: Browser, path: Path, width: int = 1200, **context: Any) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **context)
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.goto(path.as_uri())

    def close(self, path: Path) -> None:
        """Close it; it must have asked for itself alone, and complained of nothing."""
        self.context.close()
        assert [url for url in self.asked if url != "data:,"] == [path.as_uri()]
        assert self.complaints == []


@pytest.fixture
def clouds(browser: Browser, files: dict[str, Path]) -> Iterator[Page]:
    opened = Opened(browser, files["clouds"])
    yield opened.page
    opened.close(files["clouds"])


def cells(page: Page, row: str) -> list[str]:
    return page.locator(f"#table tr[data-row={row}] td").all_inner_texts()


def heads(page: Page) -> list[str]:
    found = page.locator("#table thead th[data-design]").all_inner_texts()
    return [text.split("\n")[0] for text in found]


def slide(page: Page, slider: str, steps: int) -> None:
    """Move a slider as one does at the keyboard."""
    page.locator(slider).focus()
    for _ in range(abs(steps)):
        page.keyboard.press("ArrowRight" if steps > 0 else "ArrowLeft")


def data_of(page: Page) -> dict[str, Any]:
    return dict(json.loads(page.locator("#data").inner_text() or "{}"))


def test_numbers_are_those_of_compare(clouds: Page, cli: Any) -> None:
    printed = json.loads(cli("compare", CLOUDS, "--full", "--format", "json").out)["designs"]
    assert heads(clouds) == list(printed)
    for key in ("tunnels", "gateways", "keys", "limits_exceeded"):
        shown = [int(text.replace(",", "")) for text in cells(clouds, key)]
        assert shown == [column[key]["value"] for column in printed.values()]
    shown = [round(float(re.sub(r"[≥ ,]", "", t))) for t in cells(clouds, "cost_per_month")]
    assert shown == [round(column["cost_per_month"]["value"]) for column in printed.values()]


def test_sliders_show_what_the_engine_says_there(clouds: Page, cli: Any) -> None:
    before = cells(clouds, "tunnels")
    slide(clouds, "#n", 2)
    assert clouds.locator("#n-now").inner_text() == "30"
    swept = json.loads(cli("sweep", CLOUDS, "--to", "30", "--format", "json").out)["designs"]
    last = {name: found["points"][-1] for name, found in swept.items()}
    shown = dict(zip(heads(clouds), cells(clouds, "tunnels"), strict=True))
    assert shown == {name: f"{point['tunnels']:,}" for name, point in last.items()}
    costs = dict(zip(heads(clouds), cells(clouds, "cost_per_month"), strict=True))
    for name, point in last.items():
        assert costs[name].startswith("≥") is not point["complete"]
        assert float(re.sub(r"[≥ ,]", "", costs[name])) == pytest.approx(point["cost"], abs=0.51)
    slide(clouds, "#gb", -2)
    assert clouds.locator("#gb-now").inner_text() == "0"
    assert set(cells(clouds, "usage_per_month")) == {"0"}
    assert "Rows in italics" in clouds.locator("#answer").inner_text()
    expect(clouds.locator("tr[data-row=first_quota_at]")).to_have_class("as-is")
    assert clouds.locator("#n").get_attribute("aria-valuetext") == "30 clusters"
    clouds.get_by_role("button", name="As the fleet is").click()
    assert cells(clouds, "tunnels") == before
    assert "as the fleet file has it" in clouds.locator("#answer").inner_text()


def test_table_is_sorted_by_a_row_and_stays_so(clouds: Page) -> None:
    first = heads(clouds)
    head = clouds.locator("tr[data-row=tunnels] th")
    button = head.get_by_role("button")
    button.focus()
    clouds.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    numbers = [int(text.replace(",", "")) for text in cells(clouds, "tunnels")]
    assert numbers == sorted(numbers)
    assert heads(clouds)[0] == "flat-ipv6"
    slide(clouds, "#n", 2)
    numbers = [int(text.replace(",", "")) for text in cells(clouds, "tunnels")]
    assert numbers == sorted(numbers)
    button.click()
    assert head.get_attribute("aria-sort") == "descending"
    assert int(cells(clouds, "tunnels")[0].replace(",", "")) == max(numbers)
    other = clouds.locator("tr[data-row=encrypted] th")
    other.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "none"
    assert cells(clouds, "encrypted")[0] == "all"
    other.get_by_role("button").click()
    other.get_by_role("button").click()
    assert other.get_attribute("aria-sort") == "none"
    assert heads(clouds) == first


def test_design_is_switched_by_keyboard(clouds: Page) -> None:
    tabs = clouds.get_by_role("tab")
    panels = clouds.locator("[role=tabpanel]")
    assert panels.filter(visible=True).count() == 1
    tabs.first.focus()
    clouds.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    assert tabs.nth(1).get_attribute("aria-selected") == "true"
    assert panels.nth(1).is_visible()
    assert not panels.first.is_visible()
    clouds.keyboard.press("End")
    assert panels.last.is_visible()
    clouds.keyboard.press("ArrowRight")
    assert panels.first.is_visible()


def test_cluster_that_is_pointed_at_tells_links_and_prefixes(clouds: Page) -> None:
    clouds.get_by_role("tab", name="Full mesh").click()
    panel = clouds.locator("[role=tabpanel]").filter(visible=True)
    vertex = panel.locator(".vertex[data-name=ml-usc1]")
    vertex.hover()
    told = panel.locator("div.asked").inner_text()
    assert "10 lines" in told
    assert "tunnel to prod-euw1, 2 tunnels" in told
    prefixes = [row[0] for row in data_of(clouds)["prefixes"] if row[1] == "ml-usc1"]
    assert prefixes
    assert any(prefix in told for prefix in prefixes)
    assert panel.locator(".lit").count() == 10
    clouds.mouse.move(0, 0)
    assert panel.locator(".lit").count() == 0
    panel.locator(".vertex[data-name=frankfurt]").focus()
    told = panel.locator("div.asked").inner_text()
    assert "batch-fra" in told
    assert "core-fra" in told


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_address_is_found_in_the_prefix_that_holds_it(
    family: str, clouds: Page, cli: Any, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.yaml"
    cli("plan", CLOUDS, "-o", plan)
    rows = [row for row in data_of(clouds)["prefixes"] if row[2] == "pods" and row[4] == "held"]
    rows = [row for row in rows if (":" in row[0]) is (family == "ipv6")]
    assert rows
    for prefix, cluster, *_ in rows[:3]:
        base = prefix.split("/")[0]
        address = f"{base}7" if family == "ipv6" else re.sub(r"\d+$", "7", base)
        answer = json.loads(cli("map", address, "--plan", plan, "--format", "json").out)
        assert answer["owners"][0]["prefix"] == prefix
        clouds.locator("#ask").fill(address)
        first = clouds.locator("#hits li").first.inner_text()
        assert first.startswith(f"{prefix}: cluster {cluster}, pods")


def test_search_knows_names_and_says_nobody(clouds: Page) -> None:
    asked = clouds.locator("#ask")
    asked.fill("ML-")
    assert "cluster ml-usc1" in clouds.locator("#hits").inner_text()
    for text in ("192.0.2.1", "2001:db8::1", "10.300.0.1", "no-such", "::1::2"):
        asked.fill(text)
        assert "Nobody holds" in clouds.locator("#hits").inner_text(), text
    asked.fill("10.0.0.0/8")
    assert clouds.locator("#hits li").count() > 5
    asked.fill("")
    assert clouds.locator("#hits").inner_text() == ""


def test_cost_lines_unfold(clouds: Page) -> None:
    part = clouds.locator("details.cost").nth(1)
    assert not part.locator("table").is_visible()
    part.locator("summary").focus()
    clouds.keyboard.press("Enter")
    assert part.locator("table").is_visible()
    text = part.inner_text()
    assert "aws.site_to_site_vpn_connection_hour" in text
    assert "0.05 USD" in text
    assert "unknown" in text
    assert "confidence" in text


@pytest.mark.parametrize("name", ["clouds", "many", "hostile"])
@pytest.mark.parametrize("width", WIDTHS)
def test_page_fits_its_window(
    name: str, width: int, browser: Browser, files: dict[str, Path], tmp_path: Path
) -> None:
    """No sideways scrolling of the page; KEEP_SCREENSHOTS names a folder for who wants to look."""
    opened = Opened(browser, files[name], width, reduced_motion="reduce")
    page = opened.page
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    folder = Path(os.environ.get("KEEP_SCREENSHOTS") or tmp_path)
    page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    opened.close(files[name])


def test_names_are_text_in_what_the_script_writes(browser: Browser, files: dict[str, Path]) -> None:
    opened = Opened(browser, files["hostile"])
    page = opened.page
    page.locator(".vertex").filter(visible=True).first.focus()
    for vertex in page.locator(".vertex").filter(visible=True).all():
        vertex.focus()
    page.locator("#ask").fill("alert")
    assert EVIL in page.locator("#hits").inner_text()
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2
    opened.close(files["hostile"])


def test_page_is_complete_without_a_script(browser: Browser, files: dict[str, Path]) -> None:
    opened = Opened(browser, files["clouds"], java_script_enabled=False)
    page = opened.page
    panels = page.locator("[role=tabpanel]")
    assert panels.filter(visible=True).count() == panels.count() == len(heads(page))
    assert not page.locator("#n").is_visible()
    assert page.locator("#plan").is_visible()
    opened.close(files["clouds"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_reader_and_can_be_read(
    scheme: Any, browser: Browser, files: dict[str, Path]
) -> None:
    """Text stands out from its ground by 4.5 to 1, as WCAG 2 asks (1.4.3)."""
    opened = Opened(browser, files["clouds"], color_scheme=scheme)
    found = opened.page.evaluate(_CONTRASTS)
    assert len(found) > 100
    assert [entry for entry in found if entry[1] < 4.5] == []
    paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") is (scheme == "light")
    opened.close(files["clouds"])


def test_paper_shows_what_the_screen_folds(clouds: Page) -> None:
    clouds.emulate_media(media="print")
    clouds.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    panels = clouds.locator("[role=tabpanel]")
    assert panels.filter(visible=True).count() == panels.count()
    assert clouds.locator("details:not([open])").count() == 0
    assert not clouds.locator("#n").is_visible()
    clouds.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert clouds.locator("details[open]").count() == 0


def test_everything_can_be_reached_by_tab(clouds: Page) -> None:
    seen: set[str] = set()
    clouds.keyboard.press("Tab")
    for _ in range(140):
        seen.add(
            clouds.evaluate(
                "(() => { const e = document.activeElement; return e.id || e.classList[0] "
                "|| e.tagName; })()"
            )
        )
        clouds.keyboard.press("Tab")
    assert {"skip", "n", "gb", "reset", "sort", "tab-0", "vertex", "ask", "SUMMARY"} <= seen


_CONTRASTS = """
(() => {
  const parts = (text) => text.match(/[0-9.]+/g).map(Number);
  const light = (text) => {
    const [r, g, b] = parts(text).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if ((parts(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  for (const e of document.querySelectorAll("body *:not(svg *):not(script)")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || e.closest("svg")) continue;
    const a = light(getComputedStyle(e).color), b = light(ground(e));
    found.push([e.outerHTML.slice(0, 80), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
  }
  return found;
})()
"""

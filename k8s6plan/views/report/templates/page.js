"use strict";
// The page works nothing out: the sliders choose among figures that were computed when it was made.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  document.documentElement.classList.add("scripted");

  function element(name, text, parent) {
    const made = document.createElement(name);
    made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  // --- the sliders and the table ---------------------------------------------------------------

  const table = document.getElementById("table");
  const clusters = document.getElementById("n");
  const traffic = document.getElementById("gb"); // absent where there is no traffic
  const answer = document.getElementById("answer");
  const asMade = answer.textContent;
  const rowOf = new Map(all("tr[data-row]", table).map((row) => [row.dataset.row, row]));
  const cellsOf = (row) => all("td", row).sort((a, b) => a.dataset.design - b.dataset.design);
  const titles = new Map();
  for (const row of rowOf.values()) {
    for (const cell of cellsOf(row)) titles.set(cell, cell.title);
  }

  function move() {
    const size = Number(clusters.value);
    const times = traffic ? Number(traffic.value) : data.start[1];
    const stop = size * data.times.length + times;
    const asItIs = size === data.start[0] && times === data.start[1];
    data.rows.forEach((key, index) => {
      const row = rowOf.get(key);
      if (!row) return;
      const [texts, best] = data.pool[data.stops[stop][index]];
      cellsOf(row).forEach((cell, design) => {
        cell.textContent = texts[design];
        cell.classList.toggle("best", best.includes(design));
        cell.title = asItIs ? titles.get(cell) : "";
      });
    });
    for (const [key, row] of rowOf) {
      row.classList.toggle("as-is", !asItIs && !data.rows.includes(key));
    }
    const count = data.clusters[size].toLocaleString("en-US");
    document.getElementById("n-now").textContent = count;
    clusters.setAttribute("aria-valuetext", `${count} clusters`);
    if (traffic) {
      const sent = data.gb[stop];
      document.getElementById("gb-now").textContent = sent;
      traffic.setAttribute("aria-valuetext", `${sent} GB a month, ${data.times[times]} times the traffic`);
    }
    const sent = traffic ? `, ${data.times[times]} times the traffic: ${data.gb[stop]} GB a month` : "";
    answer.textContent = asItIs
      ? asMade
      : `${count} clusters${sent}. Rows in italics are told for the fleet as it is.`;
    for (const chart of all(".chart")) {
      const at = chart.dataset.stops.split(" ")[chart.dataset.axis === "clusters" ? size : times];
      const now = find(".now", chart);
      if (now && at) now.setAttribute("d", now.getAttribute("d").replace(/^M[\d.]+/, `M${at}`));
    }
    if (sorted) sort(sorted.row, sorted.order);
  }

  let sorted = null;

  // Unknown comes last, whichever way; a word by its rank; "none" is met by no number of clusters.
  function weight(text, key) {
    const rank = (data.ranks[key] || []).indexOf(text);
    if (rank >= 0) return rank;
    if (text === "none") return Number.MAX_VALUE;
    const number = Number.parseFloat(text.replace(/[^\d.-]/g, ""));
    return Number.isNaN(number) ? null : number;
  }

  function sort(row, order) {
    const key = row.dataset.row;
    const sign = order === "descending" ? -1 : 1;
    const places = cellsOf(row).map((cell, design) => ({ design, weight: weight(cell.textContent, key) }));
    if (order !== "none") {
      places.sort((a, b) => {
        if (a.weight === null || b.weight === null) return (a.weight === null) - (b.weight === null);
        return sign * (a.weight - b.weight) || a.design - b.design;
      });
    }
    for (const line of [find("thead tr", table), ...rowOf.values()]) {
      const cells = new Map(all("[data-design]", line).map((cell) => [Number(cell.dataset.design), cell]));
      line.append(...places.map((place) => cells.get(place.design)));
    }
    for (const heading of all("[aria-sort]", table)) heading.setAttribute("aria-sort", "none");
    find("[aria-sort]", row).setAttribute("aria-sort", order);
    sorted = order === "none" ? null : { row, order };
  }

  table.addEventListener("click", (event) => {
    const button = event.target.closest(".sort");
    if (!button) return;
    const next = { none: "ascending", ascending: "descending", descending: "none" };
    sort(button.closest("tr"), next[button.closest("th").getAttribute("aria-sort")]);
  });
  clusters.addEventListener("input", move);
  if (traffic) traffic.addEventListener("input", move);
  document.getElementById("reset").addEventListener("click", () => {
    clusters.value = data.start[0];
    if (traffic) traffic.value = data.start[1];
    move();
  });
  // A browser may remember where the sliders stood when the page is loaded again.
  clusters.value = data.start[0];
  if (traffic) traffic.value = data.start[1];

  // --- the pictures ----------------------------------------------------------------------------

  const tabs = all("[role=tab]");
  const panels = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));

  function show(chosen) {
    tabs.forEach((tab, index) => {
      const on = index === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      panels[index].hidden = !on;
    });
  }

  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => show(index));
    tab.addEventListener("keydown", (event) => {
      const last = tabs.length - 1;
      const next = {
        ArrowRight: index === last ? 0 : index + 1,
        ArrowLeft: index === 0 ? last : index - 1,
        Home: 0,
        End: last,
      }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      show(next);
      tabs[next].focus();
    });
  });
  show(0);

  const prefixesOf = new Map();
  for (const [prefix, cluster, role, , state] of data.prefixes) {
    if (!cluster || state !== "held") continue;
    if (!prefixesOf.has(cluster)) prefixesOf.set(cluster, []);
    prefixesOf.get(cluster).push(`${role} ${prefix}`);
  }
  const MOST = 12;

  function ask(vertex) {
    const picture = vertex.closest("svg");
    const number = vertex.dataset.number;
    const names = new Map(all(".vertex", picture).map((v) => [v.dataset.number, v.dataset.name]));
    const links = [];
    for (const line of all("[data-ends]", picture)) {
      const [one, other] = line.dataset.ends.split(" ");
      const mine = one === number || other === number;
      line.classList.toggle("lit", mine);
      if (!mine) continue;
      const there = names.get(one === number ? other : one) || "the underlay";
      const { kind, links: count, tunnels } = line.dataset;
      const many = count === "1" ? "" : `${count} times `;
      const redundant = kind === "tunnel" && tunnels !== count ? `, ${tunnels} tunnels` : "";
      links.push(`${many}${kind} to ${there}${redundant}`);
    }
    for (const other of all(".asked", picture)) other.classList.remove("asked");
    vertex.classList.add("asked");
    picture.classList.add("asking");
    const told = find("p.asked, div.asked", vertex.closest(".panel"));
    const box = document.createElement("div");
    box.className = "asked needs-script";
    box.setAttribute("role", "status");
    element("b", vertex.getAttribute("aria-label"), box);
    box.append(`: ${links.length} line${links.length === 1 ? "" : "s"}`);
    const list = element("ul", "", box);
    for (const link of links.slice(0, MOST)) element("li", link, list);
    if (links.length > MOST) element("li", `and ${links.length - MOST} more`, list);
    for (const cluster of vertex.dataset.clusters.split(" ").filter(Boolean)) {
      const held = prefixesOf.get(cluster) || ["no prefix is known"];
      element("li", `${cluster}: ${held.join(", ")}`, list);
    }
    told.replaceWith(box);
  }

  function leave(picture) {
    picture.classList.remove("asking");
    for (const lit of all(".lit", picture)) lit.classList.remove("lit");
    for (const vertex of all(".asked", picture)) vertex.classList.remove("asked");
  }

  for (const vertex of all(".vertex")) {
    vertex.addEventListener("pointerenter", () => ask(vertex));
    vertex.addEventListener("focus", () => ask(vertex));
    vertex.addEventListener("click", () => ask(vertex));
    vertex.addEventListener("pointerleave", () => leave(vertex.closest("svg")));
    vertex.addEventListener("blur", () => leave(vertex.closest("svg")));
  }

  // --- the search ------------------------------------------------------------------------------

  // An address or a prefix as {version, start, end}, both ends included; null where it is neither.
  function range(text) {
    const [address, length, ...rest] = text.trim().split("/");
    if (rest.length) return null;
    const bits = address.includes(":") ? 128 : 32;
    const number = bits === 128 ? ipv6(address) : ipv4(address);
    if (number === null) return null;
    if (length !== undefined && !/^\d{1,3}$/.test(length)) return null;
    const long = length === undefined ? bits : Number(length);
    if (long > bits) return null;
    const free = BigInt(bits - long);
    const start = (number >> free) << free;
    return { version: bits, start, end: start + (1n << free) - 1n };
  }

  function ipv4(text) {
    const parts = text.split(".");
    if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
      return null;
    }
    return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  }

  function ipv6(text) {
    let rest = text;
    const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
    if (dotted) {
      const low = ipv4(dotted[2]);
      if (low === null) return null;
      rest = `${dotted[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
    }
    const halves = rest.split("::");
    if (halves.length > 2) return null;
    const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":")));
    const missing = 8 - head.length - (tail || []).length;
    if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
    const groups = [...head, ...Array(tail ? missing : 0).fill("0"), ...(tail || [])];
    if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
    return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
  }

  const hits = document.getElementById("hits");
  const MOST_HITS = 40;
  let ranges = null; // of every prefix; made when it is first asked for

  function search(text) {
    const asked = text.trim();
    hits.replaceChildren();
    if (!asked) return;
    const wanted = range(asked);
    let found;
    if (wanted) {
      ranges = ranges || data.prefixes.map((row) => ({ row, ...range(row[0]) }));
      const alike = ranges.filter((one) => one.version === wanted.version);
      const size = (one) => one.end - one.start;
      const holding = alike.filter((one) => one.start <= wanted.start && wanted.end <= one.end);
      const inside = alike.filter((one) => wanted.start <= one.start && one.end <= wanted.end && !holding.includes(one));
      holding.sort((a, b) => (size(a) < size(b) ? -1 : size(a) > size(b) ? 1 : 0));
      found = [...holding, ...inside].map((one) => one.row);
    } else {
      const part = asked.toLowerCase();
      found = data.prefixes.filter((row) => row[1].toLowerCase().includes(part) || row[3].toLowerCase().includes(part));
    }
    const missed = data.unsearched ? `; ${data.unsearched} prefixes are not searched here: k8s6plan map` : "";
    const word = found.length === 1 ? "prefix" : "prefixes";
    element("p", found.length ? `${found.length} ${word}${missed}` : `Nobody holds ${asked} in this plan${missed}.`, hits);
    if (!found.length) return;
    const list = element("ul", "", hits);
    for (const [prefix, cluster, role, site, state] of found.slice(0, MOST_HITS)) {
      const item = element("li", "", list);
      element("code", prefix, item);
      const whose = cluster ? `cluster ${cluster}` : "kept by the site";
      const place = site && site !== cluster ? `, site ${site}` : "";
      item.append(`: ${whose}${role ? `, ${role}` : ""}${place}${state === "held" ? "" : `, ${state}`}`);
    }
    if (found.length > MOST_HITS) element("li", `and ${found.length - MOST_HITS} more`, list);
  }

  document.getElementById("ask").addEventListener("input", (event) => search(event.target.value));

  // What is folded on the screen is told on paper.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    for (const part of folded) part.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const part of folded) part.open = false;
  });
})();

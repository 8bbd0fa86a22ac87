"""Odd input for every command: ``make fuzz``, of which docs/how-to/test-the-tests.md tells.

A run draws a fleet that is valid but extreme, or changes the bytes of a file that was right, and
gives it to one command. Whatever it is, the program ends with 0, 1, 2 or 130, says why with every
2, prints no control characters and no traceback, and takes neither long nor much memory.

Each run is a child of one process that has imported everything: quick, and none disturbs another.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import yaml

ROOT = Path(__file__).resolve().parents[1]
SECONDS, MEGABYTES = 20, 1000
_CODES = (0, 1, 2, 130)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

Luck = random.Random


class Run(NamedTuple):
    """One command on odd input, in a folder of its own."""

    number: int
    words: tuple[str, ...]
    files: dict[str, bytes]


class Outcome(NamedTuple):
    """How a run ended; ``wrong``: what must not be, "" where all is well."""

    code: int
    wrong: str


# --- what is odd ---------------------------------------------------------------------------------

NUMBERS: tuple[Any, ...] = (
    *(0, 1, 2, 7, 64, 255, 256, 1001, 65_535, 10**6, 10**7, 10**7 + 1, -1, 2**63, 10**30),
    *(0.5, 1e-30, 1e300, float("inf"), float("nan"), True, None),
)
TEXTS: tuple[Any, ...] = (
    *("\x1b[31mred", "=cmd|' /C calc'!A1", "<script>alert(1)</script>", "a|b", "[x](http://e.org)"),
    *("\u202eabc", "é", "0b1", "010", "1.10", "no", "~", "null", "", " ", "a" * 64, "a" * 3000),
    *("%s{0}", "../../etc/passwd", "$(id)", "-o", "x\ty", "x\ny", "\u2028", "A", "AWS", "provider"),
    *("all", "env=prod", "env=", "=prod", "a=b,c=d", "100%", "1e400", "2026-11-27", "external"),
)
SOUND: tuple[Any, ...] = (
    *("10.0.0.0/8", "10.64.0.0/16", "100.64.0.0/10", "172.31.0.0/16", "192.168.0.0/24", "ula"),
    *("2a0a:100::/32", "2a0a:100::/36", "fd00::/48", "fd00:1::/64", "10.7.0.0/28"),
)
PREFIXES: tuple[Any, ...] = (
    *SOUND,
    *("::/0", "0.0.0.0/0", "10.20.0.0", "fd00::/8", "fc00::/7", "ff00::/8", "8.0.0.0/7"),
    *("2001:db8::/32", "fe80::1%eth0/64", "10.0.0.1/8", "::ffff:1.2.3.4/96", "1.2.3.4/33"),
    *(
        "255.255.255.255/32",
        "192.168.0.0/30",
        "::1/128",
        "64:ff9b::/96",
        "10.0.0.0/31",
        "fd12::/127",
    ),
)
STRANGE: tuple[Any, ...] = ([], {}, [[]], {"a": [1]})
PLACES = (
    *(("aws", "eu-west-1"), ("aws", "us-east-1"), ("gcp", "europe-west1"), ("azure", "westeurope")),
    *(("oci", "eu-frankfurt-1"), ("hetzner", "fsn1"), ("on-prem", None), ("else", "somewhere")),
)
PLATFORMS = ("eks", "gke", "aks", "kubeadm", "k3s", "openshift", "rke2", "kops", None)
CNIS = ("cilium", "calico", "flannel", "ovn-kubernetes", None)
DESIGNS = (
    *("hub-and-spoke", "full-mesh", "flat-ipv6", "regional-hubs", "managed-hub", "overlay-mesh"),
    *("as-demanded", "optimized"),
)
METRICS = (
    *("cost", "limits", "tunnels", "feasible", "routes_per_cluster", "first_limit_at"),
    *("mean_rtt_ms", "path_mtu", "worst_single_failure"),
)


def fleet_of(luck: Luck) -> dict[str, Any]:
    """Return a fleet that is extreme; about three in four of them are valid."""
    odd = luck.choice((*[0.0] * 6, 0.01, 0.1))
    names = [f"c{n}" for n in range(luck.choice((0, 1, 2, 3, 5, 8, 30)))]
    clusters = [_cluster(luck, name) for name in names]
    sites = sorted({cluster["site"] for cluster in clusters if "site" in cluster})
    labels = sorted({f"env={c['labels']['env']}" for c in clusters if "labels" in c})
    ends = [*names, "all", *labels]
    fleet: dict[str, Any] = {"version": 1, "fleet": "odd", "clusters": clusters}
    maker: dict[str, Callable[[], Any]] = {
        "sites": lambda: {
            site: {"gateways": luck.choice((1, 2, 9)), "coordinates": _somewhere(luck)}
            for site in sites
        },
        "ipv6": lambda: luck.choice(("ula", "provider", "2a0a:100::/32", "2a0a:100::/29")),
        "ula_seed": lambda: "odd",
        "ipv6_mapping": lambda: "embed-ipv4",
        "pools": lambda: {luck.choice(("nodes", "pods")): _some(luck, SOUND[1:5], 3)},
        "exclude": lambda: _some(luck, (*SOUND[:5], *SOUND[6:], "fd00::/8", "fc00::/7"), 3),
        "connect": lambda: {
            "hubs": luck.choice((1, 2, 7, names[:2] or 1)),
            "tunnels_per_link": luck.choice((1, 2, 64)),
            "same_provider": luck.choice(("native", "tunnel")),
            "carries": luck.choice(("ipv4", "ipv6", "dual-stack")),
        },
        "demands": lambda: [_demand(luck, ends) for _ in range(luck.choice((1, 3, 9)))],
        "risk_groups": lambda: {"duct": _some(luck, [*sites, *names], 3)} if names else {},
        "cluster_sets": lambda: {
            name: luck.choice((luck.choice(ends), [*_some(luck, ends, 4)], "all"))
            for name in ("red", "green", "blue")[: luck.choice((1, 2, 3))]
        },
        "availability": lambda: {"tunnel": luck.choice(("99.9%", 0.5, "1e-9", "100%"))},
        "growth": lambda: {"nodes_per_year": luck.choice(("20%", "0%", "900%"))},
        "prices": lambda: {"aws.public_ipv4_hour": luck.choice((0, 1, 10**15))},
        "work": lambda: {"usd_per_hour": 90, "tunnel": {"build": 2, "keep": "0.5"}},
        "assumptions": lambda: {"services_routed": luck.random() < 0.5},
    }
    for key in luck.sample(sorted(maker), luck.randrange(len(maker))):
        fleet[key] = maker[key]()
    if "cluster_sets" in fleet and luck.random() < 0.8:
        fleet.pop("demands", None)  # most would run across
    if odd:
        _spoil(fleet, luck, odd)
    return fleet


def _cluster(luck: Luck, name: str) -> dict[str, Any]:
    provider, region = luck.choice(PLACES)
    cluster: dict[str, Any] = {"name": name, "provider": provider}
    if region is not None:
        cluster["region"] = region
    if region is None or luck.random() < 0.3:
        cluster["site"] = f"site-{provider}-{region}-{luck.randrange(3)}"
    for key, choices in (("platform", PLATFORMS), ("cni", CNIS)):
        picked = luck.choice(choices)
        if picked is not None:
            cluster[key] = picked
    if luck.random() < 0.5:
        cluster["nodes"] = luck.choice((1, 3, 129, 5000, 10**7))
    if luck.random() < 0.3:
        cluster["pods_per_node"] = luck.choice((1, 32, 110, 250, 10**6))
    if luck.random() < 0.3:
        cluster["node_masks"] = {luck.choice(("ipv4", "ipv6")): luck.choice((24, 26, 28, 31))}
    if luck.random() < 0.1:
        role = luck.choice(("nodes", "pods", "services"))
        cluster["addresses"] = {role: _some(luck, (*SOUND[:5], *SOUND[8:]), 2)}
    if luck.random() < 0.5:
        cluster["labels"] = {"env": luck.choice(("prod", "test"))}
    if luck.random() < 0.2:
        cluster["ipv6"] = luck.choice(("ula", "provider", "2a0a:100::/36", "2a0a:100:1000::/40"))
    if luck.random() < 0.1:
        cluster["reserve"] = {"nodes": luck.choice((1, 10**7)), "services": 70_000}
    return cluster


def _demand(luck: Luck, ends: Sequence[str]) -> dict[str, Any]:
    return {
        "from": luck.choice(ends),
        "to": luck.choice(ends),
        "gb_per_month": luck.choice((0.001, 1, 10**6, 10**15)),
        "peak_mbps": luck.choice((0, 1, 10**15)),
        "per": luck.choice(("pair", "sender", "receiver", "total")),
    }


def _somewhere(luck: Luck) -> list[float]:
    return [luck.choice((-90, 0, 50.11, 90)), luck.choice((-180, 0, 8.68, 180))]


def _some(luck: Luck, values: Sequence[Any], most: int) -> list[Any]:
    return luck.sample(values, min(len(values), luck.randint(1, most)))


def _spoil(node: Any, luck: Luck, odd: float) -> None:
    """Put something odd in the place of some of the values."""
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        if luck.random() < odd:
            node[key] = luck.choice(luck.choice((NUMBERS, TEXTS, PREFIXES, STRANGE)))
        elif isinstance(node[key], dict | list):
            _spoil(node[key], luck, odd)


def changed(text: bytes, luck: Luck) -> bytes:
    """Return a file with some of its bytes changed."""
    data = bytearray(text)
    for _ in range(luck.choice((1, 1, 2, 5, 30))):
        at = luck.randrange(len(data) + 1)
        length = luck.choice((1, 1, 3, 40))
        match luck.randrange(6):
            case 0:
                data[at : at + 1] = bytes([luck.randrange(256)])
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length] * luck.choice((1, 2, 50))
            case 3:
                data[at:at] = str(luck.choice(luck.choice((NUMBERS, TEXTS, PREFIXES)))).encode(
                    "utf-8", "surrogatepass"
                )
            case 4:
                data[at:at] = luck.choice(
                    (b"\n", b"  ", b": ", b"- ", b"&a ", b"*a", b"!!x ", b"|", b"\t")
                )
            case _:
                del data[at:]
    return bytes(data)


# --- what is asked -------------------------------------------------------------------------------


def words_of(luck: Luck) -> list[str]:
    """Return a command with options; FLEET and the like stand for files of the run."""
    pick = luck.choice
    design = pick(DESIGNS)
    return pick(
        (
            ["compare", "FLEET", *pick(([], ["--full"], ["--hubs", "2"], ["-d", design]))],
            ["compare", "FLEET", "--format", pick(("json", "csv", "md"))],
            [
                "compare",
                "FLEET",
                "--explain",
                pick(METRICS),
                "-f",
                pick(("table", "json", "csv", "md")),
            ],
            [
                "compare",
                "-n",
                str(pick((*NUMBERS, *range(1, 20)))),
                "--hubs",
                str(pick((1, 2, 10**7))),
            ],
            ["check", "FLEET", *pick(([], ["--nat"], ["--keep", "c1"], ["-f", "json"]))],
            [
                "plan",
                "FLEET",
                *pick(([], ["-f", "json"], ["-d", design], ["--strategy", "rightmost"])),
            ],
            [
                "plan",
                "FLEET",
                "-o",
                "plan.yaml",
                *pick(([], ["--release", "c1"], ["--renumber", "c1"])),
            ],
            ["plan", "FLEET", "--assign", f"c1={pick(PREFIXES)}"],
            ["check", "PLAN"],
            ["diff", "PLAN", "plan.yaml"],
            ["map", str(pick(PREFIXES)).split("/")[0], "10.0.0.1", "-p", "PLAN"],
            [
                "capacity",
                "FLEET",
                *pick(([], ["--plan", "PLAN"], ["--size", "300"], ["-f", "json"])),
            ],
            [
                "allow",
                "--fleet",
                "FLEET",
                "-p",
                "PLAN",
                *pick(([], ["c1"], ["--force"], ["-f", "yaml"])),
            ],
            ["failures", "FLEET", "-d", design, *pick(([], ["--depth", "2"], ["-f", "json"]))],
            ["latency", "FLEET", *pick(([], ["--pairs", "3"], ["-f", "json"]))],
            ["mtu", "FLEET", *pick(([], ["-f", "json"]))],
            [
                "optimize",
                "FLEET",
                "--time-limit",
                "2",
                "--objective",
                pick(("latency", "worst-latency")),
            ],
            ["sweep", "FLEET", "--over", pick(("clusters", "traffic", "redundancy")), "--to", "9"],
            ["diagram", "FLEET", "-d", design, "-o", f"a.{pick(('svg', 'mmd', 'dot', 'json'))}"],
            ["diagram", "FLEET", "-d", design, "-o", "a.svg", "--label", "prefixes,cost,traffic"],
            ["report", "FLEET", "-d", design, "-o", f"r.{pick(('html', 'md', 'json'))}"],
            ["quote", "BOM"],
            ["subnets", str(pick(PREFIXES)), str(pick((*NUMBERS, *range(8, 65))))],
            ["import", "IMPORT", "-o", "found.yaml"],
            [
                "list",
                pick(("providers", "regions", "platforms", "cnis", "designs", "encapsulations")),
            ],
        )
    )


BOM = b"""items:
  - {provider: aws, item: public_ipv4_hour, region: eu-west-1, quantity: 730}
  - {provider: gcp, item: cloud_vpn_tunnel_hour, region: us-east4, quantity: 1460}
"""


def runs(seed: str, numbers: Iterable[int]) -> Iterator[Run]:
    """Yield the runs of these numbers; the same for the same seed."""
    examples = sorted((ROOT / "examples").glob("*.yaml"))
    imports = sorted(path for path in (ROOT / "tests" / "imports").rglob("*") if path.is_file())
    plans = plans_of(examples)
    for number in numbers:
        luck = random.Random(f"{seed}:{number}")  # noqa: S311  the same in every run
        words = words_of(luck)
        files: dict[str, bytes] = {}
        if luck.random() < 0.9:
            text = yaml.safe_dump(fleet_of(luck), sort_keys=False, allow_unicode=True)
            files["fleet.yaml"] = text.encode("utf-8", "surrogatepass")
        else:
            files["fleet.yaml"] = changed(luck.choice(examples).read_bytes(), luck)
        if {"PLAN", "plan.yaml"} & set(words):
            own = luck.choice(sorted(plans))
            files["plan.yaml"] = plans[own]
            files["other.yaml"] = changed(plans[own], luck) if luck.random() < 0.5 else plans[own]
            if luck.random() < 0.8:
                files["fleet.yaml"] = Path(own).read_bytes()
        found = luck.choice(imports)
        spoilt = luck.random() < 0.6
        files[found.name] = changed(found.read_bytes(), luck) if spoilt else found.read_bytes()
        files["bom.yaml"] = changed(BOM, luck) if spoilt else BOM
        named = {
            "FLEET": "fleet.yaml",
            "PLAN": "other.yaml",
            "BOM": "bom.yaml",
            "IMPORT": found.name,
        }
        yield Run(number, tuple(named.get(word, word) for word in words), files)


def plans_of(examples: Sequence[Path]) -> dict[str, bytes]:
    """Return the plan of each example, by the example."""
    words = [sys.executable, "-m", "k8s6plan", "plan"]
    return {
        str(path): subprocess.run([*words, path], capture_output=True, check=True).stdout
        for path in examples
    }


# --- running -------------------------------------------------------------------------------------


def tried(run: Run, folder: Path) -> Outcome:
    """Run one command in ``folder``, in a child of this process; say how it ended."""
    for name, text in run.files.items():
        (folder / name).write_bytes(text)
    child = os.fork()
    if not child:
        _be(run, folder)
    ended = time.monotonic() + SECONDS
    while True:
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > ended:
            os.kill(child, signal.SIGKILL)
            os.wait4(child, 0)
            return Outcome(-1, f"it took longer than {SECONDS} s")
        time.sleep(0.002)
    code = os.waitstatus_to_exitcode(status)
    out, err = ((folder / name).read_text("utf-8", "replace") for name in (".out", ".err"))
    return Outcome(code, _wrong(code, out, err, usage.ru_maxrss // 1024))


def _be(run: Run, folder: Path) -> NoReturn:
    """Be the child: the program with its streams in files."""
    os._exit(_run(run.words, folder))


def _run(words: Sequence[str], folder: Path) -> int:
    """Run the program in ``folder``, with its streams in files there; return its exit code."""
    from k8s6plan.cli import main

    here, kept = Path.cwd(), [os.dup(number) for number in (1, 2)]
    code = 70
    try:
        os.chdir(folder)
        for number, name in ((1, ".out"), (2, ".err")):
            opened = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(opened, number)
            os.close(opened)
        sys.argv = ["k8s6plan", *words]
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # whatever it is, it is told
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.chdir(here)
        for number, before in zip((1, 2), kept, strict=True):
            os.dup2(before, number)
            os.close(before)
    return code


def _wrong(code: int, out: str, err: str, megabytes: int) -> str:
    """Say what must not be, "" where all is well."""
    if code not in _CODES:
        return f"exit code {code}"
    if "Traceback" in err or "fault of this program" in err:
        return "a fault of the program"
    if code == 2 and not err.strip():
        return "exit code 2 without a word"
    found = _CONTROL.search(out) or _CONTROL.search(err)
    if found:
        return f"prints U+{ord(found[0]):04X}"
    if megabytes > MEGABYTES:
        return f"took {megabytes:,} MB"
    return ""


def warm() -> None:
    """Import, and read, what commands need: each child then has it from the start."""
    three = str(ROOT / "examples" / "three-clouds.yaml")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for words in (
            ["compare", three, "--full"],
            ["plan", three, "-o", "plan.yaml"],
            ["allow", "--fleet", three],
            *(["check", three], ["capacity", three], ["failures", three], ["latency", three]),
            *(["mtu", three], ["sweep", three, "--to", "5"], ["diff", "plan.yaml", "plan.yaml"]),
            *(["diagram", three, "-o", "a.svg"], ["report", three, "-o", "a.html"]),
            ["optimize", three],
        ):
            _run(words, folder)


def share(seed: str, numbers: range, keep: Path) -> Counter[str]:
    """Make the runs of these numbers; return how they ended. Faults are kept in ``keep``."""
    warm()
    ends: Counter[str] = Counter()
    for run in runs(seed, numbers):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            outcome = tried(run, folder)
            ends[outcome.wrong or f"exit code {outcome.code}"] += 1
            if outcome.wrong:
                kept = keep / f"{seed}-{run.number}"
                shutil.copytree(folder, kept, dirs_exist_ok=True)
                said = f"{outcome.wrong}: k8s6plan {shlex.join(run.words)}"
                (kept / "command").write_text(f"{said}\n", "utf-8", "surrogatepass")
                sys.stdout.write(f"{kept}: {said!a}\n")
    return ends


def fuzz(seed: str, count: int, jobs: int, keep: Path) -> Counter[str]:
    """Make so many runs, ``jobs`` at once; return how they ended."""
    parts = [range(first, count, jobs) for first in range(jobs)]
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        found = pool.map(share, [seed] * jobs, parts, [keep] * jobs)
        return sum(found, Counter[str]())


def main() -> int:
    """Run from the command line; 1 where anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=ROOT / "build" / "fuzz")
    asked = parser.parse_args()
    ends = fuzz(asked.seed, asked.runs, asked.jobs, asked.keep)
    for end, times in sorted(ends.items()):
        sys.stdout.write(f"{times:>9,}  {end}\n")
    return int(any(end not in {f"exit code {code}" for code in _CODES} for end in ends))


if __name__ == "__main__":
    sys.exit(main())

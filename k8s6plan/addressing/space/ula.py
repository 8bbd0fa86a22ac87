"""ULA prefixes: one /48 a site, a hash of the fleet's seed and the site's name (RFC 4193 s3.2.1).

The same seed and site give the same prefix on every machine; another seed gives others, so that
two fleets that meet one day do not collide.
"""

from __future__ import annotations

import hashlib
import secrets
from ipaddress import IPv6Network

SITE_LENGTH = 48


def new_seed() -> str:
    """Return a seed with 128 bits of randomness."""
    return secrets.token_hex(16)


def site_prefix(seed: str, site: str, within: IPv6Network, attempt: int = 0) -> IPv6Network:
    """Return the /48 of ``site`` inside ``within`` (fd00::/8, or what the provider takes).

    ``attempt`` > 0 gives the next candidate, where a prefix is in use already.
    """
    text = "\0".join([seed, site] + ([str(attempt)] if attempt else []))
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
    free_bits = SITE_LENGTH - within.prefixlen
    number = digest >> (128 - free_bits)
    return IPv6Network((int(within.network_address) | number << (128 - SITE_LENGTH), SITE_LENGTH))

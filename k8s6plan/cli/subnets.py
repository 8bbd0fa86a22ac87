"""``k8s6plan subnets``: every subnet of a prefix, one a line."""

from __future__ import annotations

from typing import Annotated

import typer

from k8s6plan.cli._common import put

HELP = """List the subnets of a prefix.

The /64s of a site, for one, or the node blocks of a pods prefix.

Example: k8s6plan subnets 2600:1f18:1234:5600::/56 64
"""

_MOST = 1 << 20


def subnets(
    prefix: Annotated[str, typer.Argument(metavar="PREFIX", help="IPv4 or IPv6.")],
    length: Annotated[int, typer.Argument(metavar="LENGTH", min=0, max=128, help="Such as 64.")],
) -> None:
    """See HELP."""
    from k8s6plan.io.addresses import parse_network, subnet_texts

    try:
        network = parse_network(prefix)
        count = 1 << max(0, length - network.prefixlen)
        if count > _MOST:
            raise ValueError(f"{count:,} subnets are too many to list; {_MOST:,} are the most")
        lines = [*subnet_texts(network, length), ""]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    put("\n".join(lines), None, "subnets", force=False)

"""``python -m k8s6plan`` is the same program as ``k8s6plan``."""

from k8s6plan.cli import main

main()

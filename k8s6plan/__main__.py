"""``python -m k8s6plan`` is the same program as ``k8s6plan``."""

import sys


def run() -> None:
    """Run the program; Ctrl-C ends it quietly from the first moment on."""
    try:
        from k8s6plan.cli import main
    except KeyboardInterrupt:
        sys.exit(130)
    main()


if __name__ == "__main__":
    run()

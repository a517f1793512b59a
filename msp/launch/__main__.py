"""What `./mainstay` hands over to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from msp.launch.attached import bench, manage, reset, show_environment
from msp.launch.console import LaunchError, warn
from msp.launch.lint import lint
from msp.launch.suite import run_tests
from msp.launch.supervisor import up

COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "up": up,
    "test": run_tests,
    "lint": lint,
    "bench": bench,
    "env": show_environment,
    "manage": manage,
    "reset": reset,
}


def main() -> int:
    command, arguments = sys.argv[1], sys.argv[2:]
    try:
        return COMMANDS[command](arguments)
    except LaunchError as error:
        warn(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())

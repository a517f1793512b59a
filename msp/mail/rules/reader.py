"""The process that reads mail: `python -m msp.mail.rules.reader`. It knows no database, no secrets and no network, and has limits.

Over standard input come questions, over standard output answers. A question is a line of JSON with the number of bytes that follow
it; an answer is a line of JSON, followed by the bytes of each file in its order.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict
from typing import IO

from .reading import Read, read

MEMORY = 1_500 * 1024 * 1024  # bytes of address space
RECURSION = 1_000


def limit() -> None:
    """What a message may cost at most beside time, which the asking process watches."""
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        _soft, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, hard))
    sys.setrecursionlimit(RECURSION)


def answer(found: Read, out: IO[bytes]) -> None:
    contents = [part.content for part in found.parts]
    for part in found.parts:
        part.content = b""
    said = asdict(found)
    for part, content in zip(said["parts"], contents, strict=True):
        part["content"] = len(content)
    # Escaped to ASCII: half a surrogate pair from somewhere must not end the process.
    out.write(json.dumps(said).encode() + b"\n")
    for content in contents:
        out.write(content)
    out.flush()


def main(given: IO[bytes], out: IO[bytes]) -> None:
    while line := given.readline():
        question = json.loads(line)
        raw = given.read(question["size"])
        try:
            found = read(raw, envelope_from=question["envelope_from"])
        except MemoryError:
            # What is half made goes with us; the asking process says that it was too much.
            sys.exit(3)
        answer(found, out)


if __name__ == "__main__":
    limit()
    main(sys.stdin.buffer, sys.stdout.buffer)

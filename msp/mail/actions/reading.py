"""Asking the process that reads mail. One for each of ours, killed when a message takes too long and begun anew."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from typing import IO, Any, cast

from django.conf import settings

from msp.mail.rules.reading import Part, Read

SECONDS = 30.0  # that one message may take
MESSAGES = 500  # that one process reads before a fresh one takes over


class Unreadable(RuntimeError):
    """Reading the message took too long or too much memory."""


class _Reader:
    """The process, or none yet. Not shared over a fork."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.owner = os.getpid()
        self.lock = threading.Lock()
        self.read = 0

    def ask(self, raw: bytes, envelope_from: str, seconds: float) -> Read:
        """Raises Unreadable."""
        with self.lock:
            process = self._running()
            late = threading.Event()
            clock = threading.Timer(seconds, _end, [process, late])
            clock.start()
            try:
                return self._converse(process, raw, envelope_from)
            except (OSError, ValueError) as error:
                self.stop()
                code = process.returncode
                why = f"took longer than {seconds:.0f} s" if late.is_set() else f"ended the reading process ({code})"
                raise Unreadable(why) from error
            finally:
                clock.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None or self.read >= MESSAGES:
            self.stop()
            self.process, self.read = self._start(), 0
        self.read += 1
        return self.process

    def _start(self) -> subprocess.Popen[bytes]:
        # It gets no secrets: what reads strangers' bytes must have nothing to give away.
        env = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
        return subprocess.Popen(
            [sys.executable, "-m", "msp.mail.rules.reader"],
            cwd=settings.BASE_DIR,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def _converse(self, process: subprocess.Popen[bytes], raw: bytes, envelope_from: str) -> Read:
        to, answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
        to.write(json.dumps({"size": len(raw), "envelope_from": envelope_from}).encode() + b"\n")
        to.write(raw)
        to.flush()
        said: dict[str, Any] = json.loads(answers.readline())
        parts = [Part(**part | {"content": self._exactly(answers, part["content"])}) for part in said["parts"]]
        return Read(**said | {"parts": parts})

    @staticmethod
    def _exactly(answers: IO[bytes], size: int) -> bytes:
        content = answers.read(size)
        if len(content) != size:
            raise OSError("the reading process ended in the middle")
        return content

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):  # what was still to be written has no reader any more
                        pipe.close()
            self.process = None


def _end(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


_reader = _Reader()


def read_guarded(raw: bytes, *, envelope_from: str = "", seconds: float = SECONDS) -> Read:
    """What the message says, read within limits. Raises Unreadable."""
    global _reader  # noqa: PLW0603  one for each process
    if _reader.owner != os.getpid():
        _reader = _Reader()
    return _reader.ask(raw, envelope_from, seconds)


def stop_reading() -> None:
    """End the process, for tests and orderly ends; it also ends when we do, because its input does."""
    _reader.stop()

"""The environment of the programs we start: the one place that knows which variables they read."""

from __future__ import annotations

import base64
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from msp.launch.paths import ROOT
from msp.launch.servers import Urls

SECRET_KEY_LENGTH = 50
FIELD_KEY_BYTES = 32


def program_environment(env: Mapping[str, str], base: Path, urls: Urls, base_url: str) -> dict[str, str]:
    """Return `env` with what Mainstay's programs need: addresses, secrets, data directory, our Python first."""
    own_programs = str(Path(sys.executable).parent)
    return {
        **env,
        **urls.environment(),
        "SECRET_KEY": env.get("SECRET_KEY") or persisted(base / "secret_key", new_secret_key),
        "MAINSTAY_FIELD_KEYS": env.get("MAINSTAY_FIELD_KEYS") or persisted(base / "field_keys", new_field_keys),
        "BASE_URL": env.get("BASE_URL") or base_url,
        "MAINSTAY_DATA": str(base),
        "DJANGO_SETTINGS_MODULE": "msp.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), env.get("PYTHONPATH")])),
        "PATH": os.pathsep.join([own_programs, env.get("PATH", os.defpath)]),
    }


def new_secret_key() -> str:
    return secrets.token_urlsafe(SECRET_KEY_LENGTH)


def new_field_keys() -> str:
    """One key for encrypted columns, with the id `k1`; later keys are put before it, separated by commas."""
    return "k1:" + base64.b64encode(secrets.token_bytes(FIELD_KEY_BYTES)).decode()


def persisted(file: Path, make: Callable[[], str]) -> str:
    """Return the secret in `file`, making it once, readable by this user only."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    secret = make()
    with os.fdopen(descriptor, "w") as output:
        output.write(secret + "\n")
    return secret

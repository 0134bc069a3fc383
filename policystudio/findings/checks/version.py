"""Which version of the rules finds: a hash over all that decides about findings, so that nobody has to count it up."""

import hashlib
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent.parent
#: What findings come from: rules, the analysis of what has no effect, facts of the catalogue, and the checks here.
_FOLDERS = ("engine", "findings/checks")


@cache
def rules_version() -> str:
    """The SHA-256 of the code and data; another one after every change of a rule or of the catalogue."""
    digest = hashlib.sha256()
    for folder in _FOLDERS:
        for file in sorted((_PACKAGE / folder).rglob("*")):
            if file.suffix in (".py", ".json"):
                digest.update(f"{file.relative_to(_PACKAGE)}\n".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()

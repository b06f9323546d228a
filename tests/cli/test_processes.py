"""The command as a process of its own: the demo on its own server, a real terminal, a real pipe."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.builders import invoice
from tests.cli.conftest import WriteJson

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "invoicedb"]


def environment(**changed: str) -> dict[str, str]:
    """Without a desktop session, without colours that somebody forces; the package is found from any directory."""
    kept = {name: value for name, value in os.environ.items() if name not in ("XDG_RUNTIME_DIR", "FORCE_COLOR", "NO_COLOR")}
    return {**kept, "PYTHONPATH": str(ROOT), **changed}


def run_process(*arguments: str, cwd: Path = ROOT, **changed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=cwd, env=environment(**changed), capture_output=True, text=True, timeout=60, check=False
    )


def run_on_terminal(*arguments: str, **changed: str) -> str:
    """All that a terminal of 120 columns is sent."""
    terminal, ours = pty.openpty()
    env = environment(TERM="xterm-256color", COLUMNS="120", **changed)
    process = subprocess.Popen([*COMMAND, *arguments], env=env, cwd=ROOT, stdin=ours, stdout=ours, stderr=ours)
    os.close(ours)
    shown = b"".join(iter(lambda: read_terminal(terminal), b""))
    os.close(terminal)
    assert process.wait(60) == 0
    return shown.decode()


def read_terminal(terminal: int) -> bytes:
    """Some bytes; none at the end, which Linux reports as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A directory with a short name, for a unix socket's path is short."""
    directory = Path(tempfile.mkdtemp(prefix="idb-"))
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def demo(place: Path) -> subprocess.CompletedProcess[str]:
    """The demo's first run, in its default directory."""
    return run_process("demo", cwd=place)


def test_the_demo_shows_what_came_of_the_samples(demo: subprocess.CompletedProcess[str]) -> None:
    assert (demo.returncode, demo.stderr) == (0, "")
    for title in ("Invoices,", "Failed lines", "Matched by description", "Refused invoices", "Stock", "Price changes,"):
        assert f"\n{title}" in f"\n{demo.stdout}"
    assert "success (replayed)" in demo.stdout
    assert "+3.0303%     +6.25%" in demo.stdout
    assert "1 price change mended" in demo.stdout
    assert "The sequential pattern takes" in demo.stdout
    assert "the stock is the same as before" in demo.stdout
    assert "\x1b" not in demo.stdout


def test_its_data_stays_to_look_around(demo: subprocess.CompletedProcess[str], place: Path) -> None:
    (command,) = (line.split() for line in demo.stdout.splitlines() if line.startswith("  invoicedb stock"))
    found = run_process(*command[1:], "--json", cwd=place)
    assert (found.returncode, found.stderr) == (0, "")
    assert len(json.loads(found.stdout)) == 14


@pytest.mark.usefixtures("demo")
def test_the_demo_again_is_another_tenant(place: Path) -> None:
    found = run_process("demo", "--json", cwd=place)
    document = json.loads(found.stdout)
    assert (found.returncode, found.stderr) == (0, "")
    assert len(document["invoices"]) == 17
    assert not document["invoices"][0]["replayed"]
    assert document["sent_again"] == {"invoices": 15, "replayed": 15, "round_trips": 15, "stock_unchanged": True}
    assert document["sequential_round_trips"] > 5 * document["round_trips"]


def test_a_terminal_gets_a_progress_bar_and_frames(dsn: str, user_id: UUID, write: WriteJson) -> None:
    files = [write(f"{place}.json", invoice()) for place in range(3)]
    shown = run_on_terminal("ingest", *files, DATABASE_URL=dsn, INVOICEDB_USER_ID=str(user_id))
    assert "Booking" in shown
    assert "3/3" in shown
    assert "─" in shown
    assert "3 invoices: 3 booked." in shown


def test_a_pipe_gets_neither(dsn: str, user_id: UUID, write: WriteJson) -> None:
    files = [write(f"{place}.json", invoice()) for place in range(3)]
    done = run_process("ingest", *files, DATABASE_URL=dsn, INVOICEDB_USER_ID=str(user_id))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Booking" not in done.stdout
    assert "\x1b" not in done.stdout
    assert "─" not in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_said_in_one_line(dsn: str, user_id: UUID) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "stock", "--user", str(user_id), "--dsn", dsn],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["invoicedb: the output can't be written: No space left on device"]

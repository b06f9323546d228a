"""What the README shows works as it is printed there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import invoicedb

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_example_prints_what_the_readme_says(dsn: str, tmp_path: Path) -> None:
    example = BLOCKS[0].replace('connect("embedded:./invoicedb-data")', f"connect({dsn!r})")
    for expected in ("success 2 34019.42775 g\nTrue\n", "success 1 34019.42775 g\nTrue\n"):
        run = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, cwd=tmp_path, check=False)
        assert (run.stdout, run.stderr) == (expected, "")


def test_every_public_name_that_the_readme_uses_is_there() -> None:
    used = {name for block in BLOCKS for name in re.findall(r"\binvoicedb\.(\w+)", block)}
    imported = {
        name for block in BLOCKS for line in re.findall(r"from invoicedb import (.*)", block) for name in line.split(", ")
    }
    assert used | imported <= set(invoicedb.__all__)


def test_every_public_class_and_function_says_what_it_is() -> None:
    silent = [name for name in invoicedb.__all__ if not getattr(invoicedb, name).__doc__]
    assert silent == []

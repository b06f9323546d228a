"""How far something is that takes minutes, on stderr: stdout is for what was measured."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Step = TypeVar("Step")

CONSOLE = Console(stderr=True)


def shown(steps: Iterable[Step], what: str, total: int) -> Iterable[Step]:
    """The same steps, and a bar while they are taken."""
    return track(steps, what, total=total, console=CONSOLE, transient=True)

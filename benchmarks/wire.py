"""The counting, delaying proxy in a process of its own: in this one it would wait for the very interpreter that is measured."""

from __future__ import annotations

from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from tests.wire.proxy import WireProxy


class Wire:
    """A path to the server, `delay` seconds of round trip long. Context manager."""

    def __init__(self, target_dsn: str, *, delay: float) -> None:
        context = get_context("spawn")
        self._pipe, far_end = context.Pipe()
        self._process = context.Process(target=serve, args=(far_end, target_dsn, delay), daemon=True)
        self._process.start()
        self.dsn: str = self._pipe.recv()

    def reset(self) -> None:
        self._ask("reset")

    def round_trips(self) -> int:
        """How often clients have waited for the server since the last `reset`."""
        return self._ask("round_trips")

    def close(self) -> None:
        self._ask("close")
        self._process.join()

    def _ask(self, what: str) -> int:
        self._pipe.send(what)
        answer: int = self._pipe.recv()
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def serve(pipe: Connection, target_dsn: str, delay: float) -> None:
    with WireProxy(target_dsn, delay=delay) as proxy:
        pipe.send(proxy.dsn)
        while (asked := pipe.recv()) != "close":
            if asked == "reset":
                proxy.reset()
            pipe.send(proxy.round_trips)
    pipe.send(0)

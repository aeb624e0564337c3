"""An MCP server as a child process: JSON-RPC lines over its pipes, bounded, and never left behind.

The SDK has a transport of this kind; this one bounds the size of an answer (the SDK's joins a long line anew with every
64 KiB of it), keeps what the server last said, takes printed rubbish quietly and kills at once. Around it a watchdog, a
shell that waits for our end of a pipe to close, kills the servers of a process that itself was killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import subprocess
from collections import deque
from collections.abc import Iterable
from typing import Any

from dive_tools.errors import DiveError
from dive_tools.sources.common import secret
from dive_tools.sources.mcp_config import INHERITED, Server

GRACE = 1.0  # seconds to leave after stdin was closed, and again after SIGTERM
NO_PROGRAM = (errno.ENOENT, errno.EACCES, errno.ENOTDIR, errno.ENOEXEC)  # so it will be at every call
POLL = 0.01  # seconds; process.wait() also waits for pipes that grandchildren hold

_WATCH = """
pids=' '
while read -r op pid; do
  case $op in
    +) pids="$pids$pid " ;;
    -) pids="${pids%% $pid *} ${pids#* $pid }" ;;
  esac
done
[ -n "${pids# }" ] || exit 0
sleep 1
for pid in $pids; do kill -s KILL -- "-$pid"; done
"""


class Words:
    """What a server last said outside the protocol: the end of its stderr, and lines that are no messages."""

    def __init__(self, longest: int = 4000) -> None:
        self._kept: deque[bytes] = deque()
        self._size, self._longest = 0, longest

    def add(self, chunk: bytes) -> None:
        """Keep the end of it, and of what came before."""
        self._kept.append(chunk[-self._longest :])
        self._size += len(self._kept[-1])
        while self._size > self._longest and len(self._kept) > 1:
            self._size -= len(self._kept.popleft())

    def clear(self) -> None:
        """Forget what was said so far: it does not belong to what is asked next."""
        self._kept.clear()
        self._size = 0

    def last(self, lines: int = 3, longest: int = 300) -> str:
        """The last lines with something in them, in one."""
        text = b"".join(self._kept).decode(errors="replace")
        said = [line.strip() for line in text.splitlines() if line.strip()]
        return " / ".join(said[-lines:])[-longest:]


class Watchdog:
    """One shell a process, which kills the groups it was told of when our end of its pipe closes."""

    def __init__(self) -> None:
        self._shell: subprocess.Popen[bytes] | None = None
        os.register_at_fork(after_in_child=self._let_go)

    def tell(self, op: str, pid: int) -> None:
        """`+` a process group to watch, `-` one that has ended."""
        if self._shell is None or self._shell.poll() is not None:
            self._shell = subprocess.Popen(
                ["/bin/sh", "-c", _WATCH],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        with contextlib.suppress(OSError):
            assert self._shell.stdin is not None
            self._shell.stdin.write(f"{op} {pid}\n".encode())

    def _let_go(self) -> None:
        """In a forked child: the parent's watchdog is not ours, and must not wait for us."""
        if self._shell is not None and self._shell.stdin is not None:
            self._shell.stdin.close()
            self._shell.returncode = 0  # not ours to wait for
        self._shell = None


WATCHDOG = Watchdog()


class Child:
    """A server's process, in the form of a transport of the SDK: `async with` gives a pair of message streams."""

    def __init__(self, server: Server, words: Words) -> None:
        self.server, self.words = server, words
        self.fault = ""  # why we ended it
        self.process: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._streams: list[Any] = []

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.returncode is None

    async def __aenter__(self) -> tuple[Any, Any]:
        import anyio

        self.process = await self._started()
        WATCHDOG.tell("+", self.process.pid)
        sink, incoming = anyio.create_memory_object_stream[Any](0)
        outgoing, source = anyio.create_memory_object_stream[Any](0)
        self._streams = [sink, incoming, outgoing, source]
        works = (self._read(sink), self._write(source, sink), self._hear())
        self._tasks = [asyncio.create_task(work) for work in works]
        return incoming, outgoing

    async def _started(self) -> asyncio.subprocess.Process:
        server = self.server
        command, folder = secret(server.command), secret(server.cwd)
        if folder and not os.path.isdir(folder):
            raise DiveError(f"MCP server {server.name}: there is no folder {server.cwd}", hint="mend its cwd")
        try:
            return await asyncio.create_subprocess_exec(
                command,
                *(secret(text) for text in server.args),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder or None,
                env=environment(server),
                start_new_session=True,
                limit=server.max_bytes,
            )
        except OSError as error:
            if error.errno not in NO_PROGRAM:
                raise
            said = f"MCP server {server.name}: its command {server.command} cannot be run: {error.strerror}"
            raise DiveError(said, hint="install it, or mend the command and import again") from None

    async def __aexit__(self, *_: object) -> None:
        process = self.process
        assert process is not None and process.stdin is not None
        try:
            process.stdin.close()
            if not await self._gone():
                self._signal(signal.SIGTERM)
                await self._gone()
        finally:
            self._signal(signal.SIGKILL)  # the group: what the server itself started ends with it
            WATCHDOG.tell("-", process.pid)
            for task in self._tasks:
                task.cancel()
            for stream in self._streams:
                stream.close()
        await self._gone()

    def kill(self, why: str = "") -> None:
        """End it and all that it started, now."""
        self.fault = self.fault or why
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    async def _gone(self) -> bool:
        for _ in range(round(GRACE / POLL)):
            if not self.alive:
                return True
            await asyncio.sleep(POLL)
        return not self.alive

    async def _read(self, sink: Any) -> None:
        import anyio
        from mcp.shared.message import SessionMessage
        from mcp_types import jsonrpc_message_adapter

        assert self.process is not None and self.process.stdout is not None
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            async with sink:
                while line := await self._line(self.process.stdout):
                    try:
                        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                    except ValueError:  # a server that prints
                        self.words.add(line[-300:])
                        await asyncio.sleep(0)  # an endless flow of it must not hold up the loop
                    else:
                        await sink.send(SessionMessage(message))

    async def _line(self, stdout: asyncio.StreamReader) -> bytes:
        try:
            return await stdout.readline()
        except ValueError:
            self.kill(f"an answer of more than {self.server.max_bytes:,} bytes")
            return b""

    async def _write(self, source: Any, sink: Any) -> None:
        assert self.process is not None and self.process.stdin is not None
        try:
            async with source:
                async for item in source:
                    text = item.message.model_dump_json(by_alias=True, exclude_unset=True)
                    self.process.stdin.write(text.encode() + b"\n")
                    await self.process.stdin.drain()
        except OSError:
            sink.close()  # nobody reads: the session must see the end, not wait

    async def _hear(self) -> None:
        assert self.process is not None and self.process.stderr is not None
        while chunk := await self.process.stderr.read(4096):
            self.words.add(chunk)


def environment(server: Server) -> dict[str, str]:
    """The variables of a server's process: what any program needs, and what its entry names; none of our secrets."""
    return _inherited(INHERITED) | {name: secret(text) for name, text in server.env.items()}


def _inherited(names: Iterable[str]) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}

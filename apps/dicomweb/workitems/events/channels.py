"""The open channels, and the delivery of events by them: in order, and at least once.

A WebSocket says of no message that it arrived. The answer to a ping that follows the messages does: until it has come
they wait in the table, and go once more to whoever connects next.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from itertools import cycle
from typing import Any, Final

import orjson
from django.db import Error
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from apps.dicomweb.workitems.events import mailboxes
from apps.dicomweb.workitems.events.admission import Mailbox
from apps.dicomweb.workitems.events.mailboxes import Waiting

# Seconds: between two looks at the table, and until a subscriber has taken what was sent.
POLL: Final = 0.5
CONFIRM: Final = 30.0
# How many channels one AE title may have.
MOST_OF_ONE: Final = 8
_MESSAGE_IDS: Final = range(1, 1 << 16)

logger = logging.getLogger("fovea.events")


class Channel:
    """One subscriber's WebSocket."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._message_ids = cycle(_MESSAGE_IDS)

    async def deliver(self, reports: Sequence[dict[str, Any]]) -> bool:
        """Whether the subscriber has got all of these; one who does not is hung up on."""
        try:
            async with asyncio.timeout(CONFIRM):
                for report in reports:
                    await self._connection.send(self._numbered(report))
                await (await self._connection.ping())
        except TimeoutError:
            self._connection.transport.abort()
            return False
        except ConnectionClosed:
            return False
        return True

    def _numbered(self, report: dict[str, Any]) -> str:
        """The report with a Message ID (0000,0110) of this channel."""
        message_id = {"00000110": {"vr": "US", "Value": [next(self._message_ids)]}}
        return orjson.dumps(dict(sorted((report | message_id).items()))).decode()


class Channels:
    """All open channels of this process; `executor` is where the database is asked."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._open: dict[Mailbox, list[Channel]] = {}
        self._delivering: dict[Mailbox, asyncio.Task[None]] = {}

    @property
    def count(self) -> int:
        return sum(map(len, self._open.values()))

    def has_room(self, mailbox: Mailbox) -> bool:
        return len(self._open.get(mailbox, ())) < MOST_OF_ONE

    @contextmanager
    def opened(self, mailbox: Mailbox, channel: Channel) -> Iterator[None]:
        """The channel is delivered to until the end of this."""
        self._open.setdefault(mailbox, []).append(channel)
        try:
            yield
        finally:
            self._open[mailbox].remove(channel)
            if not self._open[mailbox]:
                del self._open[mailbox]

    async def run(self) -> None:
        """Deliver what there is, again and again. A database that is away is asked again."""
        while True:
            try:
                await self._round()
            except Error as error:
                logger.warning("events wait: the database does not answer (%s)", type(error).__name__)
            await asyncio.sleep(POLL)

    async def tell_all(self, report: dict[str, Any]) -> None:
        """Tell this to everybody who listens, once."""
        everybody = [channel for channels in self._open.values() for channel in channels]
        await asyncio.gather(*(channel.deliver([report]) for channel in everybody))

    async def stop(self) -> None:
        """Let what is being delivered come to its end."""
        await asyncio.gather(*self._delivering.values(), return_exceptions=True)

    async def _round(self) -> None:
        idle = [mailbox for mailbox in self._open if mailbox not in self._delivering]
        if not idle:
            return
        for mailbox, events in (await self._in_thread(mailboxes.waiting, idle)).items():
            task = asyncio.create_task(self._deliver(mailbox, events))
            self._delivering[mailbox] = task
            task.add_done_callback(lambda _, mailbox=mailbox: self._delivering.pop(mailbox, None))  # type: ignore[misc]

    async def _deliver(self, mailbox: Mailbox, events: Sequence[Waiting]) -> None:
        reports = [event.report for event in events]
        channels = list(self._open.get(mailbox, ()))
        taken = await asyncio.gather(*(channel.deliver(reports) for channel in channels))
        if any(taken):
            try:
                await self._in_thread(mailboxes.forget, [event.key for event in events])
            except Error as error:
                logger.warning("events will be told twice: the database does not answer (%s)", type(error).__name__)

    async def _in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *args)

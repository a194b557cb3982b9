"""The server of the channels: asyncio, in a process of its own beside the web server's, which can't hold them."""

import asyncio
import logging
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from apps.core.errors import FoveaError, SignInRequired, Unavailable
from apps.dicomweb.workitems.events import mailboxes
from apps.dicomweb.workitems.events.admission import Mailbox, Opening, admit, is_still_admitted
from apps.dicomweb.workitems.events.channels import Channel, Channels
from apps.saying import say
from apps.worklist.workitems import names, reporting

# Threads that ask the database.
THREADS: Final = 4
# Seconds: for the handshake, between two pings, for their answers, for a goodbye, and between two looks at rights.
OPEN: Final = 10
PING: Final = 20
CLOSE: Final = 5
RECHECK: Final = 30.0
# Subscribers have nothing to say: bytes and messages that are read of them at most.
MAX_MESSAGE: Final = 1024
MAX_MESSAGES: Final = 4
_POLICY: Final = 1008

logger = logging.getLogger("fovea.events")


class Process:
    """The channels and who may open them."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="events")
        self._channels = Channels(self._executor)
        self._admitted: dict[ServerConnection, tuple[Opening, Mailbox]] = {}

    async def run(self) -> None:
        """Answer until SIGTERM or SIGINT. Raises OSError where the address can't be listened on."""
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        async with self._serving() as server:
            await self._in_thread(mailboxes.own_connection(reporting.tell_restarted))
            delivering = asyncio.create_task(self._channels.run())
            logger.info("events of workitems at %s:%d", settings.EVENTS_HOST, settings.EVENTS_PORT)
            await stopping.wait()
            delivering.cancel()
            await self._end(server)
        self._executor.shutdown()

    def _serving(self) -> AbstractAsyncContextManager[Server]:
        return serve(
            self._answer,
            settings.EVENTS_HOST,
            settings.EVENTS_PORT,
            process_request=self._open,
            compression=None,
            server_header=None,
            open_timeout=OPEN,
            ping_interval=PING,
            ping_timeout=PING,
            close_timeout=CLOSE,
            max_size=MAX_MESSAGE,
            max_queue=MAX_MESSAGES,
        )

    async def _open(self, connection: ServerConnection, request: Request) -> Response | None:
        """None to go on with the handshake, or the answer that refuses it."""
        opening = Opening.of(request.path, request.headers.raw_items(), _peer(connection))
        try:
            if self._channels.count >= settings.EVENTS_CONNECTIONS:
                raise Unavailable(say("There are as many channels as there may be. Try again later."))
            mailbox = await self._in_thread(mailboxes.own_connection(admit), opening)
            if not self._channels.has_room(mailbox):
                raise Unavailable(say("This AE title has as many channels as it may have."))
        except FoveaError as error:
            return _refusal(connection, error)
        self._admitted[connection] = opening, mailbox
        return None

    async def _answer(self, connection: ServerConnection) -> None:
        opening, mailbox = self._admitted.pop(connection)
        with self._channels.opened(mailbox, Channel(connection)):
            while not await _is_closed(connection):
                if not await self._in_thread(mailboxes.own_connection(is_still_admitted), opening, mailbox):
                    await connection.close(_POLICY, "You may not listen any more.")

    async def _end(self, server: Server) -> None:
        """Say so to who listens, finish what is being told, and hang up."""
        await self._channels.tell_all(reporting.addressed(reporting.scp_status("GOING DOWN"), names.WORKLIST))
        await self._channels.stop()
        server.close()
        await server.wait_closed()

    async def _in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *args)


async def _is_closed(connection: ServerConnection) -> bool:
    """Whether the subscriber went away, within the time between two looks at its rights."""
    try:
        await asyncio.wait_for(asyncio.shield(connection.wait_closed()), RECHECK)
    except TimeoutError:
        return False
    return True


def _peer(connection: ServerConnection) -> str:
    address = connection.remote_address
    return str(address[0]) if address else ""


def _refusal(connection: ServerConnection, error: FoveaError) -> Response:
    response = connection.respond(HTTPStatus(error.status), f"{error.detail}\n")
    if isinstance(error, SignInRequired):
        response.headers["WWW-Authenticate"] = 'Basic realm="Fovea", charset="UTF-8"'
    return response

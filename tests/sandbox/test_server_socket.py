"""The socket on which a sandbox listens."""

import asyncio
import socket

from azure_service_connections.sandbox.server import listen


async def test_answers_are_not_held_back_to_be_sent_with_later_ones() -> None:
    listener = listen(0)
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        accepted.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async with await asyncio.start_server(serve, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert await accepted != 0
        writer.close()
        await writer.wait_closed()

"""A relay as one would write it first: for each chunk of 8 KiB, write it. A reference for scripts/bench."""

import socket
import sys
from collections.abc import AsyncIterator

from aiohttp import ClientSession, TCPConnector, web


def application(url: str) -> web.Application:
    """An application that answers every GET with what `url` gives."""

    async def session(app: web.Application) -> AsyncIterator[None]:
        async with ClientSession(connector=TCPConnector(limit=0)) as client:
            app[client_key] = client
            yield

    async def copy(request: web.Request) -> web.StreamResponse:
        async with request.app[client_key].get(url) as source:
            response = web.StreamResponse(headers={"Content-Type": source.content_type})
            response.content_length = source.content_length
            await response.prepare(request)
            async for chunk in source.content.iter_chunked(8192):
                await response.write(chunk)
            return response

    client_key = web.AppKey("client", ClientSession)
    app = web.Application()
    app.cleanup_ctx.append(session)
    app.router.add_get("/", copy)
    return app


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    if send_buffer := int(sys.argv[3]):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    web.run_app(application(sys.argv[2]), sock=listener, access_log=None, print=None)

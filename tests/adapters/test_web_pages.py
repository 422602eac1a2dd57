"""A web page where an answer was to be says where to look: a wrong base URL, a proxy, a login."""

from __future__ import annotations

import pytest

from openrouter_core import ResponseShapeError
from tests.adapters.answers import ALL_WAYS, Read
from tests.openrouter_core.wire_server import WireServer

PAGE = b"<html><body>Log in</body></html>"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n" % len(PAGE)


@ALL_WAYS
@pytest.mark.filterwarnings("ignore:.*in beta")
async def test_a_web_page_is_named_as_one(read: Read):
    server = WireServer([HEAD + PAGE])
    try:
        with pytest.raises(ResponseShapeError, match="web page: check base_url"):
            await read(server)
    finally:
        server.stop()

"""Many requests at about half the price, within a day. Reached as `client.batches`.

`wait` follows a batch until it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.resources._waiting import Waits
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.batches import (
    Batch,
    BatchEndpoint,
    BatchesPage,
    BatchFilters,
    BatchOptions,
    BatchRequest,
    DeletedBatch,
)


class Batches(Resource[Mode]):
    """Batches."""

    @http.get("/batches", "listBatches", pages="after")
    def list(self, **filters: Unpack[BatchFilters]) -> Call[BatchesPage]:
        """List batches, the newest first, without their results.

        Source: listBatches
        """
        return get_call(BatchesPage, filters)

    @http.get("/batches/{id}", "getBatches", job="ends")
    def get(self, id: str, **options: Unpack[CallOptions]) -> Call[Batch]:
        """Fetch a batch; once it is completed, with its results.

        Source: getBatches
        """
        return get_call(Batch, options, path={"id": id})

    @http.post("/batches", "createBatches", job="starts", creates=True)
    def create(
        self,
        requests: Sequence[BatchRequest],
        *,
        endpoint: BatchEndpoint,
        model: str,
        **options: Unpack[BatchOptions],
    ) -> Call[Batch]:
        """Hand in requests for one endpoint and one model. Text only.

        Args:
            requests: Each with your own `custom_id` and a `body` of the endpoint.
            endpoint: E.g. "/v1/chat/completions".

        Source: createBatches
        """
        # The server reads the body as it arrives: endpoint and model have to precede the requests.
        body: dict[str, object] = {"endpoint": endpoint, "model": model, "requests": requests}
        return json_call(Batch, body, options)

    @http.delete("/batches/{id}", "deleteBatch")
    def delete(self, id: str, **options: Unpack[CallOptions]) -> Call[DeletedBatch]:
        """Delete an ended batch with its requests and results.

        Raises:
            ConflictError: The batch is still running.

        Source: deleteBatch
        """
        return get_call(DeletedBatch, options, path={"id": id})

    wait = Waits(get, timeout_s=24 * 3600.0)

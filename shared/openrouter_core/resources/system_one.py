"""Typed questions to a System One model. Reached as `client.system_one`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._options import InferenceOptions
from openrouter_core.wire.decisions import Decisions as Answers
from openrouter_core.wire.decisions import Described, Question


class SystemOne(Resource[Mode]):
    """The same questions as `client.decisions`, in the shape of the TypeSafe SDKs."""

    @http.post("/systemone", "createSystemone")
    def create(
        self,
        questions: Mapping[str, Question],
        *,
        model: str,
        state: Described,
        **options: Unpack[InferenceOptions],
    ) -> Call[Answers]:
        """Ask about a state; answers come under the names of the questions.

        Args:
            questions: By a name of your own, e.g. {"safe": {"type": "noul", "instructions": "..."}}.
            state: What the questions are about: text or JSON.

        Source: createSystemone
        """
        body: dict[str, object] = {"model": model, "state": state, "questions": questions}
        return json_call(Answers, body, options)

"""What every account of the emulator has from the start and no call can create. Data.

Members of the organization, groups of its identity provider, a workload that may exchange tokens, an
intern, and a container with a file. Tests and handlers name them by these constants.
"""

from __future__ import annotations

from openrouter_emulator.planned_response import JsonObject

SINCE = "2026-01-01T00:00:00.000Z"
SINCE_S = 1_767_225_600
WORKSPACE = "00000000-0000-4000-8000-000000000001"
"""The default workspace; keys without another one belong to it."""
ORGANIZATION = "org_emulator"
OWNER = "user_emulator"
POLICY = "00000000-0000-4000-8000-0000000000f0"
"""The federation policy under which JWTs are exchanged for tokens."""
INTERN = "00000000-0000-4000-8000-0000000000a1"
CONNECTIONS = ("github", "linear")
CONTAINER = "cntr_emulator"
CONTAINER_FILE = "cfile_emulator"

MEMBERS: tuple[JsonObject, ...] = tuple(
    {
        "id": id,
        "email": f"{name.lower()}@example.com",
        "first_name": name,
        "last_name": None,
        "role": role,
    }
    for id, name, role in (
        (OWNER, "Emma", "org:admin"),
        ("user_ada", "Ada", "org:member"),
        ("user_grace", "Grace", "org:member"),
    )
)

GROUPS: tuple[JsonObject, ...] = tuple(
    {
        "id": f"00000000-0000-4000-8000-0000000000b{at}",
        "display_name": name,
        "external_id": f"idp-{name.lower()}",
        "organization_id": ORGANIZATION,
        "created_at": SINCE,
        "updated_at": SINCE,
    }
    for at, name in enumerate(("Engineering", "Finance"), 1)
)

CONTAINER_FILES: dict[str, tuple[str, bytes]] = {
    CONTAINER_FILE: ("/mnt/data/report.txt", b"A file that a tool made.\n")
}
"""Id -> path and content."""

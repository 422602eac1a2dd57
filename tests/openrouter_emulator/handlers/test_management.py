"""Groups that keep state: what is made can be read, changed and removed, and has its effect."""

from __future__ import annotations

import pytest

from openrouter_emulator.state import seed_data


class Admin:
    """Speaks to the management endpoints."""

    def __init__(self, wire):
        self.wire = wire
        self.key = wire.emulator.management_key

    def __call__(self, method, path, body=None, **query):
        url = self.wire.emulator.base_url + path
        headers = self.wire.headers(self.key)
        return self.wire.http.request(method, url, json=body, params=query, headers=headers)

    def data(self, method, path, body=None, **query):
        answer = self(method, path, body, **query)
        assert answer.status_code < 300, answer.text
        return answer.json().get("data")


@pytest.fixture
def admin(wire):
    return Admin(wire)


GROUPS = {
    "/guardrails": ({"name": "a"}, {"name": "b", "limit_usd": 5}),
    "/byok": ({"provider": "openai", "key": "sk-provider-secret"}, {"name": "b"}),
    "/workspaces": ({"name": "a", "slug": "a-b"}, {"name": "b"}),
    "/observability/destinations": (
        {"name": "a", "type": "webhook", "config": {"url": "https://example.com"}},
        {"name": "b"},
    ),
    "/scim/group-mappings": (
        {
            "role": "member",
            "scim_group_id": seed_data.GROUPS[0]["id"],
            "workspace_id": seed_data.WORKSPACE,
        },
        {"role": "admin"},
    ),
}
DELETE = {"/scim/group-mappings": {"keep_members": "true"}}


@pytest.mark.parametrize("path", GROUPS)
def test_what_is_made_is_listed_changed_and_removed(admin, path):
    body, changes = GROUPS[path]

    made = admin.data("POST", path, body)
    one = f"{path}/{made['id']}"
    changed = admin.data("PATCH", one, changes)
    read = admin.data("GET", one)
    listed = [row["id"] for row in admin.data("GET", path)]
    gone = admin("DELETE", one, **DELETE.get(path, {})).json()

    assert changed.items() >= changes.items()
    assert read == changed
    assert made["id"] in listed
    assert gone == {"deleted": True}
    assert admin("GET", one).status_code == 404


@pytest.mark.parametrize("path", GROUPS)
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_id_is_404(admin, path, method):
    error = admin(method, f"{path}/unknown", {} if method == "PATCH" else None).json()["error"]

    assert error["code"] == 404


@pytest.mark.parametrize("path", [*GROUPS, "/keys", "/external-users", "/private-endpoints"])
def test_an_inference_key_manages_nothing(wire, path):
    assert wire.get(path).status_code == 401


@pytest.mark.parametrize("path", GROUPS)
def test_a_body_without_what_is_required_is_refused(admin, path):
    answer = admin("POST", path, {})

    assert answer.status_code == 400
    assert answer.json()["error"]["message"].endswith("Required")


def test_lists_are_cut_into_pages(admin):
    made = [admin.data("POST", "/guardrails", {"name": str(n)})["id"] for n in range(3)]

    page = admin("GET", "/guardrails", offset=1, limit=1).json()

    assert page["total_count"] == 3
    assert [row["id"] for row in page["data"]] == made[1:2]
    assert admin("GET", "/guardrails", limit=101).status_code == 400


def test_null_takes_a_setting_back(admin):
    made = admin.data("POST", "/guardrails", {"name": "a", "limit_usd": 5})

    changed = admin.data("PATCH", f"/guardrails/{made['id']}", {"limit_usd": None})

    assert (made["limit_usd"], changed["limit_usd"]) == (5, None)


# ---------------------------------------------------------------- keys


def test_a_key_is_shown_in_full_once_and_works(wire, admin):
    made = admin("POST", "/keys", {"name": "New", "limit": 1.5}).json()

    assert wire.get("/key", key=made["key"]).json()["data"]["limit"] == 1.5
    assert made["key"] not in admin("GET", "/keys").text
    assert made["key"] not in admin("GET", f"/keys/{made['data']['hash']}").text


def test_a_disabled_key_is_refused_until_it_is_switched_on_again(wire, admin):
    made = admin("POST", "/keys", {"name": "New"}).json()
    one = f"/keys/{made['data']['hash']}"

    statuses = []
    for disabled in (True, False):
        admin.data("PATCH", one, {"disabled": disabled})
        statuses.append(wire.get("/key", key=made["key"]).status_code)

    assert statuses == [401, 200]


def test_disabled_keys_are_listed_only_when_asked_for(admin):
    made = admin("POST", "/keys", {"name": "New"}).json()["data"]
    admin.data("PATCH", f"/keys/{made['hash']}", {"disabled": True})

    plain, every = (
        {row["hash"] for row in admin.data("GET", "/keys", **query)}
        for query in ({}, {"include_disabled": "true"})
    )

    assert every - plain == {made["hash"]}


def test_a_deleted_key_is_gone_and_its_spending_stays(wire, admin):
    made = admin("POST", "/keys", {"name": "New"}).json()
    body = {"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "x"}]}
    cost = wire.post("/chat/completions", body, key=made["key"]).json()["usage"]["cost"]

    admin("DELETE", f"/keys/{made['data']['hash']}")

    assert wire.get("/key", key=made["key"]).status_code == 401
    assert admin.data("GET", "/credits")["total_usage"] == cost


def test_a_limit_can_be_lifted_with_null(wire, admin):
    made = admin("POST", "/keys", {"name": "New", "limit": 0}).json()
    one = f"/keys/{made['data']['hash']}"

    changed = admin.data("PATCH", one, {"limit": None})

    assert (made["data"]["limit"], changed["limit"]) == (0, None)


@pytest.mark.parametrize("text", ["tomorrow", "2030-01-01T00:00:00+02:00"])
def test_a_key_expires_at_a_time_in_utc(admin, text):
    assert admin("POST", "/keys", {"name": "New", "expires_at": text}).status_code == 400


# ---------------------------------------------------------------- guardrails and budgets


def _bound(admin, wire, **fields):
    """A guardrail that binds the emulator's inference key."""
    id = admin.data("POST", "/guardrails", {"name": "a", **fields})["id"]
    hash = wire.emulator.state.inference_key.hash
    admin("POST", f"/guardrails/{id}/assignments/keys", {"key_hashes": [hash]})
    return id


def test_a_guardrail_without_an_assignment_binds_nobody(wire, admin):
    admin.data("POST", "/guardrails", {"name": "a", "allowed_models": ["openai/gpt-5.5"]})

    wire.ok()


def test_a_guardrail_leaves_only_the_models_it_allows(wire, admin):
    _bound(admin, wire, allowed_models=["openai/gpt-5.5"])

    assert wire.refusal()[0] == 404
    wire.ok(model="openai/gpt-5.5")


def test_a_guardrail_s_budget_ends_in_403_and_shows_in_the_key(wire, admin):
    _bound(admin, wire, limit_usd=0.0000001, reset_interval="daily")
    wire.ok()

    status, message = wire.refusal()
    key = wire.get("/key").json()["data"]

    assert (status, "budget" in message) == (403, True)
    assert key["effective_budget"] == key["budgets"][0]
    assert key["effective_budget"]["remaining_usd"] == 0


def test_a_key_has_one_guardrail_so_a_second_one_replaces_it(wire, admin):
    first = _bound(admin, wire, ignored_models=["openai/gpt-4o-mini"])
    second = _bound(admin, wire)

    assert admin.data("GET", f"/guardrails/{first}/assignments/keys") == []
    assert len(admin.data("GET", f"/guardrails/{second}/assignments/keys")) == 1
    wire.ok()


def test_a_freed_key_is_free(wire, admin):
    id = _bound(admin, wire, ignored_models=["openai/gpt-4o-mini"])
    hash = wire.emulator.state.inference_key.hash

    body = {"key_hashes": [hash]}
    freed = admin("POST", f"/guardrails/{id}/assignments/keys/remove", body).json()

    assert freed == {"unassigned_count": 1}
    wire.ok()


def test_a_deleted_guardrail_takes_its_assignments_along(wire, admin):
    id = _bound(admin, wire, ignored_models=["openai/gpt-4o-mini"])

    admin("DELETE", f"/guardrails/{id}")

    assert admin.data("GET", "/guardrails/assignments/keys") == []
    wire.ok()


def test_a_workspace_budget_ends_in_403(wire, admin):
    admin("PUT", "/workspaces/default/budgets/daily", {"limit_usd": 0.0000001})
    wire.ok()

    assert wire.refusal()[0] == 403

    admin("DELETE", "/workspaces/default/budgets/daily")
    wire.ok()


def test_longer_intervals_need_larger_budgets(admin):
    statuses = [
        admin("PUT", f"/workspaces/default/budgets/{interval}", {"limit_usd": limit}).status_code
        for interval, limit in (("daily", 5), ("monthly", 5), ("monthly", 50), ("lifetime", 20))
    ]

    assert statuses == [200, 400, 200, 400]


def test_a_workspace_answers_to_its_slug(admin):
    assert admin.data("GET", "/workspaces/default")["id"] == seed_data.WORKSPACE


def test_the_default_workspace_is_not_deleted_by_accident(admin):
    assert admin("DELETE", "/workspaces/default").status_code == 403


def test_members_are_added_once_and_those_with_keys_stay(admin):
    one = admin.data("POST", "/workspaces", {"name": "a", "slug": "a"})["id"]
    body = {"user_ids": ["user_ada", "user_emulator"]}
    added = [admin("POST", f"/workspaces/{one}/members/add", body).json() for _ in range(2)]
    key = {"name": "k", "workspace_id": one, "creator_user_id": "user_ada"}
    admin("POST", "/keys", key)

    assert [a["added_count"] for a in added] == [2, 0]
    remove = f"/workspaces/{one}/members/remove"
    assert admin("POST", remove, {"user_ids": ["user_ada"]}).status_code == 400
    assert admin("POST", remove, {"user_ids": ["user_emulator"]}).json() == {"removed_count": 1}


# ---------------------------------------------------------------- the others


def test_a_provider_key_never_comes_back(admin):
    made = admin("POST", "/byok", {"provider": "openai", "key": "sk-provider-secret"})

    assert "sk-provider-secret" not in made.text
    assert made.json()["data"]["label"] == "sk-p...cret"


def test_secrets_of_a_destination_are_masked_and_a_mask_that_comes_back_is_ignored(admin):
    path = "/observability/destinations"
    config = {"apiKey": "a-secret-key", "projectId": "p"}
    made = admin.data("POST", path, {"name": "a", "type": "braintrust", "config": config})
    changed = {"config": {**made["config"], "projectId": "q"}}

    after = admin.data("PATCH", f"{path}/{made['id']}", changed)

    assert made["config"] == {"apiKey": "****-key", "projectId": "p"}
    assert after["config"] == {"apiKey": "****-key", "projectId": "q"}


def test_a_sixth_destination_of_a_type_is_a_conflict(admin):
    path, config = "/observability/destinations", {"url": "https://example.com"}
    statuses = [
        admin("POST", path, {"name": str(n), "type": "webhook", "config": config}).status_code
        for n in range(6)
    ]

    assert statuses == [201] * 5 + [409]


def test_removing_a_mapping_says_what_becomes_of_the_members(admin):
    path = "/scim/group-mappings"
    made = admin.data("POST", path, GROUPS[path][0])

    assert admin("POST", path, GROUPS[path][0]).status_code == 409
    assert admin("DELETE", f"{path}/{made['id']}").status_code == 400


def test_a_sync_goes_on_by_being_looked_at(admin):
    id = admin.data("POST", "/scim/sync-jobs")["id"]

    seen = [admin.data("GET", f"/scim/sync-jobs/{id}")["status"] for _ in range(3)]

    assert seen == ["running", "succeeded", "succeeded"]


def test_external_users_are_switched_off_and_removed_without_a_body(admin):
    admin.data("POST", "/external-users", {"user": "u"})
    admin.data("PATCH", "/external-users/u", {"is_active": False})
    plain = admin.data("GET", "/external-users")
    every = admin.data("GET", "/external-users", include_inactive="true")
    gone = admin("DELETE", "/external-users/u")

    assert (plain, [row["user"] for row in every]) == ([], ["u"])
    assert (gone.status_code, gone.content) == (204, b"")


def test_a_private_endpoint_moves_only_along_its_states(admin):
    body = {"provider_slug": "openai", "upstream_model_id": "mine"}
    one = admin.data("POST", "/private-endpoints", {**body, "model_permaslug": "openai/gpt-5.5"})
    moves = ("enable", "activate", "activate", "disable", "enable")

    statuses = [admin("POST", f"/private-endpoints/{one['id']}/{m}").status_code for m in moves]

    assert statuses == [409, 200, 409, 200, 200]


def test_one_idempotency_key_makes_one_private_endpoint(wire, admin):
    body = {
        "provider_slug": "openai",
        "upstream_model_id": "m",
        "model_permaslug": "openai/gpt-5.5",
    }
    made = [
        wire.post("/private-endpoints", body, key=admin.key, idempotency_key="once").json()["data"]
        for _ in range(2)
    ]

    assert made[0] == made[1]


def test_the_organization_has_members_and_settings(admin):
    changed = {"is_filtered_model_catalog_enabled": True}
    admin.data("PATCH", "/organization/settings", changed)

    assert admin.data("GET", "/organization/settings").items() >= changed.items()
    assert len(admin.data("GET", "/organization/members")) == len(seed_data.MEMBERS)

"""Secrets of a workspace and of its interns. Reached as `client.vault`."""

from __future__ import annotations

from collections.abc import Sequence
from types import NoneType
from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.vault import (
    EffectiveSecretsPage,
    SecretsPage,
    VaultConnection,
    VaultSecret,
)


class Vault(Resource[Mode]):
    """Secrets; answers carry names and hosts, never values. 404 outside the Intern programme."""

    @http.get("/vault/secrets", "listVaultSecrets", pages="offset")
    def list(
        self, *, limit: int | None = None, offset: int | None = None, **options: Unpack[CallOptions]
    ) -> Call[SecretsPage]:
        """List the secrets of the key's workspace.

        Source: listVaultSecrets
        """
        return get_call(SecretsPage, options, query={"limit": limit, "offset": offset})

    @http.put("/vault/secrets/{name}", "storeVaultSecret")
    def store(
        self, name: str, *, hosts: Sequence[str], value: str, **options: Unpack[CallOptions]
    ) -> Call[VaultSecret]:
        """Create or replace a secret of the workspace.

        Args:
            value: Encrypted at rest and never returned.
            hosts: The only host names to which the value is released.

        Source: storeVaultSecret
        """
        return json_call(
            VaultSecret,
            {"hosts": hosts, "value": value},
            options,
            path={"name": name},
            envelope="data",
        )

    @http.delete("/vault/secrets/{name}", "deleteVaultSecret")
    def delete(self, name: str, **options: Unpack[CallOptions]) -> Call[None]:
        """Delete a secret of the workspace.

        Source: deleteVaultSecret
        """
        return get_call(NoneType, options, path={"name": name})

    @http.get("/vault/interns/{internId}/secrets", "listInternVaultSecrets", pages="offset")
    def list_intern(
        self,
        intern_id: str,
        *,
        limit: int | None = None,
        offset: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[SecretsPage]:
        """List the secrets of one intern.

        Args:
            intern_id: UUID of an intern of the key's workspace.

        Source: listInternVaultSecrets
        """
        return get_call(
            SecretsPage,
            options,
            path={"internId": intern_id},
            query={"limit": limit, "offset": offset},
        )

    @http.put("/vault/interns/{internId}/secrets/{name}", "storeInternVaultSecret")
    def store_intern(
        self,
        intern_id: str,
        name: str,
        *,
        hosts: Sequence[str],
        value: str,
        **options: Unpack[CallOptions],
    ) -> Call[VaultSecret]:
        """Create or replace a secret of one intern.

        Args:
            intern_id: UUID of an intern of the key's workspace.
            value: Encrypted at rest and never returned.

        Source: storeInternVaultSecret
        """
        return json_call(
            VaultSecret,
            {"hosts": hosts, "value": value},
            options,
            path={"internId": intern_id, "name": name},
            envelope="data",
        )

    @http.delete("/vault/interns/{internId}/secrets/{name}", "deleteInternVaultSecret")
    def delete_intern(
        self, intern_id: str, name: str, **options: Unpack[CallOptions]
    ) -> Call[None]:
        """Delete a secret of one intern.

        Args:
            intern_id: UUID of an intern of the key's workspace.

        Source: deleteInternVaultSecret
        """
        return get_call(NoneType, options, path={"internId": intern_id, "name": name})

    @http.post("/vault/interns/{internId}/secrets/copy", "copyVaultSecretsToIntern")
    def copy_to_intern(
        self, intern_id: str, names: Sequence[str], **options: Unpack[CallOptions]
    ) -> Call[Page[VaultSecret]]:
        """Copy secrets of the workspace to one intern, all or none.

        Args:
            intern_id: UUID of an intern of the key's workspace.

        Source: copyVaultSecretsToIntern
        """
        return json_call(Page[VaultSecret], {"names": names}, options, path={"internId": intern_id})

    @http.get(
        "/vault/interns/{internId}/effective-secrets",
        "listInternEffectiveVaultSecrets",
        pages="offset",
    )
    def list_effective(
        self,
        intern_id: str,
        *,
        limit: int | None = None,
        offset: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[EffectiveSecretsPage]:
        """List the secrets that an intern's requests get, from whichever scope wins.

        Args:
            intern_id: UUID of an intern of the key's workspace.

        Source: listInternEffectiveVaultSecrets
        """
        return get_call(
            EffectiveSecretsPage,
            options,
            path={"internId": intern_id},
            query={"limit": limit, "offset": offset},
        )

    @http.get("/vault/interns/{internId}/connections", "listInternConnections")
    def list_connections(
        self, intern_id: str, **options: Unpack[CallOptions]
    ) -> Call[Page[VaultConnection]]:
        """List the connections that an intern can use.

        Args:
            intern_id: UUID of an intern of the key's workspace.

        Source: listInternConnections
        """
        return get_call(Page[VaultConnection], options, path={"internId": intern_id})

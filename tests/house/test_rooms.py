"""A folder is a room: one can see at a glance what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house._tree import PACKAGES, ROOT, project_files

MOST = 27
ONE_FILE_PER_GROUP_OF_ENDPOINTS = {
    "shared/openrouter_core/resources",
    "shared/openrouter_core/wire",
    "shared/openrouter_emulator/handlers",
}
PACKAGE_FOLDERS = sorted(
    {
        folder
        for path in project_files()
        for folder in path.parents
        if any(folder.is_relative_to(package) for package in PACKAGES.values())
    }
)


@pytest.mark.parametrize("folder", PACKAGE_FOLDERS, ids=lambda f: f.relative_to(ROOT).as_posix())
def test_a_folder_holds_no_more_than_one_can_see_at_a_glance(folder: Path):
    if folder.relative_to(ROOT).as_posix() in ONE_FILE_PER_GROUP_OF_ENDPOINTS:
        return
    within = [path.relative_to(folder) for path in project_files() if path.is_relative_to(folder)]

    assert len({path.parts[0] for path in within}) <= MOST

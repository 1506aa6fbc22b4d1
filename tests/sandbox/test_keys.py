"""What is hidden of a workspace."""

from __future__ import annotations

from soa.sandbox.keys import Keys, hidden
from soa.sandbox.mounts import entries


def lay(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def names(paths, root):
    return sorted(str(path.relative_to(root)) for path in paths)


def test_keys_and_histories_are_hidden_wherever_they_lie(tmp_path):
    lay(tmp_path, ".env", "a/.env.local", "a/b/.git/config", "a/b/env.py", "node_modules/x/.env", "a/.environment")
    assert names(hidden(tmp_path, tmp_path / "home"), tmp_path) == [".env", "a/.env.local", "a/b/.git"]


def test_a_home_hides_what_it_hides_itself(tmp_path):
    lay(tmp_path, ".ssh/id", ".profile", "project/.tool/x", "project/.env")
    assert names(hidden(tmp_path, tmp_path), tmp_path) == [".profile", ".ssh", "project/.env"]


def test_a_workspace_around_a_home_hides_it(tmp_path):
    lay(tmp_path, "me/a.py", "shared/a.py")
    assert names(hidden(tmp_path, tmp_path / "me"), tmp_path) == ["me"]


def test_what_comes_to_the_topmost_folder_is_seen_at_once_and_what_goes_anywhere(tmp_path):
    lay(tmp_path, "a/.env")
    keys = Keys()
    assert names(keys.of(tmp_path, tmp_path / "home"), tmp_path) == ["a/.env"]
    lay(tmp_path, ".env")
    (tmp_path / "a/.env").unlink()
    assert names(keys.of(tmp_path, tmp_path / "home"), tmp_path) == [".env"]


def test_where_nothing_can_be_masked_only_what_is_beside_a_key_is_shown(tmp_path):
    lay(tmp_path, "a/.env", "a/one.py", "a/b/two.py", "c/three.py", ".git/config")
    (tmp_path / "link").symlink_to(tmp_path / ".git")
    secrets = list(hidden(tmp_path, tmp_path / "home"))
    assert names(entries(tmp_path, secrets), tmp_path) == ["a/b", "a/one.py", "c"]

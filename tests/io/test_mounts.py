"""Outputs on mount points, with real mounts where this user may make some."""

import subprocess
import sys

import pytest

from sktemporal.exceptions import InputError
from sktemporal.io import published


@pytest.fixture
def mount(tmp_path):
    """Mount something on a path, for the time of a test."""
    mounted = []

    def make(path, *options):
        if sys.platform != "linux":
            pytest.skip("mounts are made as on Linux")
        made = subprocess.run(
            ["mount", *options, path], capture_output=True, text=True, check=False
        )
        if made.returncode:
            pytest.skip(f"mounts are not allowed here: {made.stderr.strip()}")
        if not any("remount" in option for option in map(str, options)):
            mounted.append(path)

    yield make
    for path in reversed(mounted):
        subprocess.run(["umount", path], check=True)


@pytest.fixture(params=["tmpfs", "bind"])
def target(request, tmp_path, mount):
    path = tmp_path / "output with space"
    path.mkdir()
    if request.param == "tmpfs":
        mount(path, "-t", "tmpfs", "none")
    else:
        (tmp_path / "source").mkdir()
        mount(path, "--bind", tmp_path / "source")
    return path


def write(directory, text, names="ab", **options):
    with published(directory, **options) as staging:
        for name in names:
            (staging / name).write_text(text)
        return staging


def contents(directory):
    return {path.name: path.read_text() for path in directory.iterdir()}


def test_a_mount_point_itself(target):
    for text in ("1", "2"):
        staging = write(target, text)
        assert staging.parent == target  # never on the disk of what is around
        assert contents(target) == dict.fromkeys("ab", text)
    (target / "mine").write_text("precious")
    write(target, "3", "a", replaces={"b"})
    assert contents(target) == {"a": "3", "mine": "precious"}
    assert not [path.name for path in target.parent.iterdir() if "staging" in path.name]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_error_leaves_a_mount_point_as_it_was(error, target):
    write(target, "1")
    with pytest.raises(error), published(target) as staging:
        (staging / "a").write_text("half")
        raise error
    assert contents(target) == {"a": "1", "b": "1"}


def test_below_a_mount_point(target):
    for text in ("1", "2"):
        staging = write(target / "y", text)
        assert staging.parent == target
        assert contents(target / "y") == dict.fromkeys("ab", text)


def test_a_link_to_a_mount_point(target, tmp_path):
    (tmp_path / "link").symlink_to(target)
    write(tmp_path / "link", "1")
    assert (tmp_path / "link").is_symlink()
    assert contents(target) == {"a": "1", "b": "1"}


def test_a_mount_point_inside_stays_where_it_is(tmp_path, mount):
    (tmp_path / "y" / "inner").mkdir(parents=True)
    mount(tmp_path / "y" / "inner", "-t", "tmpfs", "none")
    (tmp_path / "y" / "inner" / "mine").write_text("precious")
    for text in ("1", "2"):
        write(tmp_path / "y", text)
    assert (tmp_path / "y" / "inner").is_mount()
    assert (tmp_path / "y" / "inner" / "mine").read_text() == "precious"
    assert (tmp_path / "y" / "a").read_text() == "2"


def test_a_mounted_file_cannot_be_replaced_and_nothing_is(tmp_path, mount):
    write(tmp_path / "y", "1")
    (tmp_path / "b").write_text("mounted")
    mount(tmp_path / "y" / "b", "--bind", tmp_path / "b")
    with pytest.raises(InputError, match="Device or resource busy"):
        write(tmp_path / "y", "2")
    assert contents(tmp_path / "y") == {"a": "1", "b": "mounted"}
    assert {path.name for path in tmp_path.iterdir()} == {"b", "y"}


def test_a_mount_point_that_cannot_be_written(tmp_path, mount):
    (tmp_path / "y").mkdir()
    mount(tmp_path / "y", "-t", "tmpfs", "-o", "ro", "none")
    for path in (tmp_path / "y", tmp_path / "y" / "z"):
        with pytest.raises(InputError, match="Read-only file system"):
            write(path, "1")
    assert contents(tmp_path / "y") == {}


def test_a_writable_mount_point_in_a_directory_that_is_not(tmp_path, mount):
    (tmp_path / "around" / "y").mkdir(parents=True)
    mount(tmp_path / "around", "--bind", tmp_path / "around")
    mount(tmp_path / "around" / "y", "-t", "tmpfs", "none")
    mount(tmp_path / "around", "-o", "remount,ro,bind")
    try:
        for text in ("1", "2"):
            write(tmp_path / "around" / "y", text)
            assert contents(tmp_path / "around" / "y") == dict.fromkeys("ab", text)
    finally:
        mount(tmp_path / "around", "-o", "remount,rw,bind")


def test_a_full_mount_point(tmp_path, mount):
    (tmp_path / "y").mkdir()
    mount(tmp_path / "y", "-t", "tmpfs", "-o", "size=64k", "none")
    write(tmp_path / "y", "1")
    with pytest.raises(InputError, match="No space left on device"):
        write(tmp_path / "y", "2" * 1_000_000)
    assert contents(tmp_path / "y") == {"a": "1", "b": "1"}

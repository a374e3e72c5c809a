from __future__ import annotations

import os
import threading
import time

import pytest

from tux.database import locks


def test_a_lease_is_taken_on_the_file_that_is_there_not_on_one_that_was_removed_meanwhile(tmp_path):
    lease = tmp_path / "home" / "lease"
    lease.parent.mkdir()
    keeper = locks.open_private(lease)
    assert locks.try_lock(keeper)
    taken = []
    client = threading.Thread(target=lambda: taken.append(locks.take_lease(lease, time.monotonic() + 5)))
    client.start()
    time.sleep(0.1)
    lease.parent.rename(tmp_path / "gone")
    os.close(keeper)
    client.join()
    assert os.path.samestat(os.fstat(taken[0]), lease.stat())
    other = locks.open_private(lease)
    assert not locks.try_lock(other)
    for descriptor in (other, taken[0]):
        os.close(descriptor)


def test_waiting_for_a_lock_ends_at_the_deadline(tmp_path):
    with locks.locked(tmp_path / "lock", time.monotonic()):
        other = locks.open_private(tmp_path / "lock")
        with pytest.raises(TimeoutError):
            locks.wait_lock(other, time.monotonic() + 0.05)
        os.close(other)


def test_files_of_locks_are_private_and_no_link_is_followed(tmp_path):
    descriptor = locks.open_private(tmp_path / "lock")
    assert os.fstat(descriptor).st_mode & 0o777 == 0o600
    os.close(descriptor)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="link"):
        locks.open_private(tmp_path / "link")

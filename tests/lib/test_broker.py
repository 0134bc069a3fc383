"""The file-system broker: messages arrive once, whole and in order."""

import threading
import uuid
from pathlib import Path

import pytest
from kombu import Connection
from kombu.simple import SimpleQueue

from policystudio.lib import broker


@pytest.fixture
def name() -> str:
    """A queue of the test's own: kombu remembers, for the whole process, which queues it has declared."""
    return f"jobs-{uuid.uuid4()}"


@pytest.fixture
def connection(tmp_path: Path):
    broker.install()
    with Connection("filesystem://", transport_options=broker.folders(tmp_path)) as connection:
        yield connection


def read_all(queue: SimpleQueue) -> list[int]:
    numbers = []
    while True:
        try:
            message = queue.get(block=False)
        except queue.Empty:
            return numbers
        numbers.append(message.payload)
        message.ack()


def test_what_is_put_is_read_once(name: str, connection: Connection, tmp_path: Path) -> None:
    queue = connection.SimpleQueue(name)
    queue.put(7)
    assert read_all(queue) == [7]
    assert read_all(queue) == []
    assert not [file for folder in ("queue", "taken") for file in (tmp_path / folder).iterdir()]


def test_messages_of_one_sender_keep_their_order(
    name: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(10**18, 2 * 10**18, 10**9))
    monkeypatch.setattr(broker.time, "time_ns", lambda: next(clock))
    queue = connection.SimpleQueue(name)
    for number in range(20):
        queue.put(number)
    assert read_all(queue) == list(range(20))


def test_a_message_that_is_still_being_written_is_not_seen(
    name: str, connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader runs at the very moment at which the file is there but its content is not."""
    queue = connection.SimpleQueue(name)
    seen: list[list[str]] = []
    real = broker.dumps

    def slow_dumps(payload: object) -> str:
        seen.append([file.name for file in (tmp_path / "queue").iterdir() if file.suffix == ".msg"])
        assert read_all(queue) == []
        return real(payload)

    monkeypatch.setattr(broker, "dumps", slow_dumps)
    queue.put(1)
    assert seen == [[]]
    assert read_all(queue) == [1]


def test_many_readers_and_writers_lose_and_double_nothing(name: str, tmp_path: Path) -> None:
    broker.install()
    got: list[int] = []

    def write(start: int) -> None:
        with Connection("filesystem://", transport_options=broker.folders(tmp_path)) as connection:
            queue = connection.SimpleQueue(name)
            for number in range(start, start + 100):
                queue.put(number)

    def read() -> None:
        with Connection("filesystem://", transport_options=broker.folders(tmp_path)) as connection:
            queue = connection.SimpleQueue(name)
            while writing.is_set() or list((tmp_path / "queue").glob("*.msg")):
                got.extend(read_all(queue))

    writing = threading.Event()
    writing.set()
    writers = [threading.Thread(target=write, args=(start,)) for start in (0, 100)]
    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in writers + readers:
        thread.start()
    for thread in writers:
        thread.join()
    writing.clear()
    for thread in readers:
        thread.join()
    assert sorted(got) == list(range(200))

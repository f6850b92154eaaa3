"""What the processes of one deployment tell each other outside the database."""

from undersigned.transport.high_water import HighWater


def test_it_tells_the_highest_number_to_other_processes(redis_server: str) -> None:
    """Whoever sent less lately learns how far the others are; nothing goes back."""
    one, other = HighWater(redis_server), HighWater(redis_server)

    one.tell("a:1", 7)
    other.tell("a:1", 5)

    assert (one.height("a:1"), other.height("a:1")) == (7, 7)
    assert other.height("a:2") == 0


def test_it_does_without_a_broker() -> None:
    """Threads of one process tell each other; a Redis that is away only tells nothing."""
    for url in ("memory://", "redis://127.0.0.1:1/0"):
        alone = HighWater(url)
        alone.tell("b:1", 3)
        assert alone.height("b:1") == 3
        assert HighWater(url).height("b:1") == 0

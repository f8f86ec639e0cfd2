"""Sets of messages in few bytes.

Messages are in blocks by their ids. Which messages of a block a set has is a number, of
which bit n stands for the nth message: ``&`` and ``|`` do for sets what they do for
bits, for thousands of messages at once.
"""

import struct
from collections.abc import Iterator

BLOCK_SIZE = 4096
_DENSE_BYTES = BLOCK_SIZE // 8
# Single positions take two bytes each.
_MAX_SPARSE = _DENSE_BYTES // 2 - 1


def place_of(message_id: int) -> tuple[int, int]:
    """Return in which block a message is, and the number that has only its bit."""
    block, position = divmod(message_id, BLOCK_SIZE)
    return block, 1 << position


def encode(bits: int) -> bytes:
    """Return a set as bytes."""
    count = bits.bit_count()
    if count > _MAX_SPARSE:
        return bits.to_bytes(_DENSE_BYTES, "little")
    return struct.pack(f"<{count}H", *_positions(bits))


def decode(data: bytes) -> int:
    """Return the set that was encoded."""
    if len(data) == _DENSE_BYTES:
        return int.from_bytes(data, "little")
    bits = 0
    for (position,) in struct.iter_unpack("<H", data):
        bits |= 1 << position
    return bits


def ids(block: int, bits: int) -> Iterator[int]:
    """Yield the ids of a set's messages, the newest first."""
    for position in _positions(bits):
        yield block * BLOCK_SIZE + position


def _positions(bits: int) -> Iterator[int]:
    while bits:
        position = bits.bit_length() - 1
        yield position
        bits ^= 1 << position

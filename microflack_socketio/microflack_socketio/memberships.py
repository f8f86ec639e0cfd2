"""Which rooms the connections of this instance hear: those that their users are in.

What is known of a user begins with an answer of the messages service, and follows what
is told to the user, for as long as one of the user's connections is here. After a gap
in what was told nothing is known any more, and it is asked again.
"""

import threading
import time
from collections.abc import Callable, Iterable
from itertools import count

from microflack_common import audience
from microflack_common.tokens import InvalidToken
from microflack_socketio.member import ANYBODY, EVERYONE, Member
from microflack_socketio.retries import Retries

# How long a connection waits until it is known what it hears. If it becomes known
# later, the connection is told to catch up.
WAIT_SECONDS = 0.5


class Memberships:
    """Knows the rooms of those who have connections, and puts these into them.

    :param set_in_room: has a connection hear an audience, or no longer hear it.
    :param ask: returns the ids of the rooms of who has a token, or of the public ones.
    :param catch_up: tells a connection that it may have missed something.
    """

    def __init__(
        self,
        set_in_room: Callable[[str, str, bool], None],
        ask: Callable[[str | None], set[int]],
        catch_up: Callable[[str], None],
    ) -> None:
        self._set_in_room = set_in_room
        self._ask = ask
        self._catch_up = catch_up
        self._lock = threading.RLock()
        self._members: dict[int | None, Member] = {}
        self._users: dict[str, int | None] = {}
        self._versions = count()
        self._questions = Retries("rooms", self._find)

    def put(self, sid: str, user_id: int | None, token: str | None) -> None:
        """Have a connection hear the rooms of a user from now on.

        :param user_id: ANYBODY for who hears what is public.
        :param token: the user's, which the connection used last.
        """
        with self._lock:
            if self._users.get(sid, user_id) != user_id:
                self.take(sid)
            member = self._members.get(user_id)
            if member is None:
                member = self._members[user_id] = Member(next(self._versions))
            is_new = sid not in member.tokens
            member.use(sid, token)
            self._users[sid] = user_id
            if is_new:
                self._hear(sid, member.rooms, True)
            self._have_asked(user_id, member)

    def take(self, sid: str) -> None:
        """Have a connection hear no rooms from now on."""
        with self._lock:
            if sid not in self._users:
                return
            user_id = self._users.pop(sid)
            member = self._members[user_id]
            member.forget(sid)
            self._hear(sid, member.rooms, False)
            if member.tokens:
                # What was refused to this connection's token another's may be given.
                self._have_asked(user_id, member)
            else:
                del self._members[user_id]

    def wait(self, sid: str) -> None:
        """Wait for a moment, once, until it is known what a connection hears."""
        with self._lock:
            member = self._member_of(sid)
            if member is None or member.known.is_set() or sid in member.waited:
                return
            member.waited.add(sid)
            member.waiting.add(sid)
        member.known.wait(WAIT_SECONDS)
        with self._lock:
            member.waiting.discard(sid)

    def is_in(self, sid: str, room_id: int) -> bool | None:
        """Say whether a connection hears a room; None while that is not known."""
        with self._lock:
            member = self._member_of(sid)
            if member is None:
                return False
            if room_id in member.rooms:
                return True
            return False if member.known.is_set() else None

    def follow(self, user_id: int, room_id: int, is_in: bool) -> None:
        """Note what a user is told: to be in a room, or not any more."""
        with self._lock:
            member = self._members.get(user_id)
            if member is None:
                return
            if not member.note(room_id, is_in, time.monotonic()):
                member.restart(next(self._versions))
                self._have_asked(user_id, member)
            elif is_in:
                self._change(member, member.rooms | {room_id})
            else:
                self._change(member, member.rooms - {room_id})

    def find_public(self, room_id: int) -> None:
        """Note that there is a public room with this id."""
        with self._lock:
            member = self._members.get(ANYBODY)
            if member and member.note(room_id, True, time.monotonic()):
                self._change(member, member.rooms | {room_id})

    def ask_all_again(self) -> None:
        """Let nobody hear a room until it is known anew who is in it."""
        with self._lock:
            for user_id, member in self._members.items():
                member.restart(next(self._versions))
                self._change(member, {EVERYONE})
                self._have_asked(user_id, member)

    def _member_of(self, sid: str) -> Member | None:
        return self._members[self._users[sid]] if sid in self._users else None

    def _hear(self, sid: str, room_ids: Iterable[int], is_in: bool) -> None:
        for room_id in room_ids:
            self._set_in_room(sid, audience.room(room_id), is_in)

    def _change(self, member: Member, rooms: set[int]) -> None:
        came, went = rooms - member.rooms, member.rooms - rooms
        member.rooms = rooms
        if not came and not went:
            return
        for sid in member.tokens:
            self._hear(sid, came, True)
            self._hear(sid, went, False)

    def _have_asked(self, user_id: int | None, member: Member) -> None:
        if not member.is_asked and not member.known.is_set():
            member.is_asked = True
            self._questions.submit((user_id, member.version))

    def _find(self, question: tuple[int | None, int]) -> None:
        """Ask for the rooms of a user, unless it is not to be known any more."""
        with self._lock:
            member = self._current(*question)
            if member is None:
                return
            token = member.begin()
        try:
            rooms = self._ask(token)
        except InvalidToken:
            self._give_up(*question)
        else:
            self._settle(*question, rooms)

    def _current(self, user_id: int | None, version: int) -> Member | None:
        member = self._members.get(user_id)
        return member if member and member.version == version else None

    def _give_up(self, user_id: int | None, version: int) -> None:
        with self._lock:
            if member := self._current(user_id, version):
                # Until one of the connections uses a token, or hears no more.
                member.is_asked = False

    def _settle(self, user_id: int | None, version: int, rooms: set[int]) -> None:
        with self._lock:
            member = self._current(user_id, version)
            if member is None:
                return
            self._change(member, member.settle(rooms))
            late = [sid for sid in member.tokens if sid not in member.waiting]
        for sid in late:
            self._catch_up(sid)

"""The web server's worker: whoever is slow keeps nobody else waiting.

gunicorn's own gives each connection to a thread, which then waits for what comes and until all is taken: as many slow clients as there
are threads are the end of the site. Here the worker's loop, which waits for any number at once, takes a request in before a thread sees
it and hands out what a thread answered. A thread never reads from a client nor waits for one.

Each connection has its time: ten seconds for the head of a request; for a body or an answer half a minute, which a kilobyte a second
renews. The room is bounded: when it is full, who has been there longest is sent away, and who comes is heard.
"""

from __future__ import annotations

import errno
import resource
import selectors
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from config import Config
from running.lines import PIECE, Line, Phase

LOOK_SECONDS = 0.5
ROOM = 600  # connections of one worker that come, are answered or leave
IDLE = 300  # connections of one worker kept for the next request
FILES = 4096  # what one process may have open


class PatientWorker(ThreadWorker):
    """gunicorn's threads behind a loop that does the waiting."""

    poller: Any  # once it runs

    def init_process(self) -> None:
        """Make room, and run."""
        config = Config.from_env()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < FILES:
            soft = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        self.most = config.MAX_CONTENT_LENGTH
        self.most_on_disk = self.most * self.cfg.threads
        self.room = min(ROOM, soft // 3)
        self.max_keepalived = min(IDLE, soft // 6)
        self.held: dict[TConn, None] = {}  # by the loop; who has been there longest first
        self.at_work: set[TConn] = set()
        self.looked_at = 0.0
        super().init_process()

    # --- who comes -----------------------------------------------------------------------------------------------------

    def accept(self, listener: socket.socket) -> None:
        """Take one connection."""
        try:
            sock, address = listener.accept()
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE} and self.held:
                self._drop(next(iter(self.held)))
            elif error.errno not in {errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED}:
                raise
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, Line(sock, most=self.most), address, listener.getsockname())
        conn.data_ready = True  # no thread waits for it
        self._await(conn)

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - its name
        """Told to end, take in who has knocked already and close the door: who comes later is refused at once, and asks another host."""
        super().set_accept_enabled(enabled)
        for listener in () if enabled or self.alive else self.sockets:
            before = -1
            while self.nr_conns > before:
                before = self.nr_conns
                self.accept(listener)
            listener.close()

    def on_client_socket_readable(self, conn: TConn, client: Line) -> None:
        """Hear the next request of a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        client.begin()
        self._await(conn)

    def _await(self, conn: TConn) -> None:
        self._hold(conn, selectors.EVENT_READ, self._hear)
        self._hear(conn)

    def _hold(self, conn: TConn, event: int, do: Callable[[TConn], None]) -> None:
        if len(self.held) >= self.room:
            self._drop(next(iter(self.held)))
        self.held[conn] = None
        self.poller.register(conn.sock, event, partial(self._woken, conn, do))

    def _woken(self, conn: TConn, do: Callable[[TConn], None], _line: Line) -> None:
        if conn in self.held:  # else it was sent away a moment ago, in this same round
            do(conn)

    def _let_go(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        del self.held[conn]

    def _drop(self, conn: TConn) -> None:
        self._let_go(conn)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    def _hear(self, conn: TConn) -> None:
        self._go_on(conn, conn.sock.hear)

    def _go_on(self, conn: TConn, is_whole: Callable[[], bool]) -> None:
        """Hand the request over once it is whole; until then the loop has it."""
        try:
            whole = is_whole()
        except OSError:
            self._drop(conn)
            return
        if whole:
            self._let_go(conn)
            self._to_a_thread(conn)
        elif conn.sock.on_disk():
            self._bound_the_disk()

    def _bound_the_disk(self) -> None:
        if sum(each.sock.on_disk() for each in (*self.held, *self.at_work)) > self.most_on_disk:
            self._drop(next(each for each in self.held if each.sock.on_disk()))

    def _to_a_thread(self, conn: TConn) -> None:
        if conn.sock.phase is Phase.LEAVING:  # it was answered by the line itself
            self._leave(conn)
            return
        conn.sock.hand_over()
        self.at_work.add(conn)
        self.enqueue_req(conn)

    # --- who was answered ----------------------------------------------------------------------------------------------

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Send what a thread has left of its answer."""
        self.at_work.discard(conn)
        keep = not fs.cancelled() and fs.exception() is None and bool(fs.result())
        try:
            conn.sock.answered(keep=keep)
        except OSError:
            self._close(conn)
            return
        if conn.sock.answer is None:
            self._told(conn)
        else:
            self._hold(conn, selectors.EVENT_WRITE, self._tell)
            if conn.sock.on_disk():
                self._bound_the_disk()

    def _tell(self, conn: TConn) -> None:
        try:
            all_told = conn.sock.tell()
        except OSError:
            self._drop(conn)
            return
        if all_told:
            self._let_go(conn)
            self._told(conn)

    def _told(self, conn: Any) -> None:
        line: Line = conn.sock
        if not line.keep or not self.alive:
            self._leave(conn)
        elif already := conn.parser.unreader.take_buffered() + line.rest():
            line.begin(already)
            self._hold(conn, selectors.EVENT_READ, self._hear)
            self._go_on(conn, line.is_whole)
        else:
            line.begin()
            conn.set_timeout()
            self.keepalived_conns.append(conn)
            self.poller.register(line, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))

    def _leave(self, conn: TConn) -> None:
        """Close without cutting off the answer: what still comes is thrown away for a moment."""
        try:
            conn.sock.leave()
        except OSError:
            self._close(conn)
            return
        self._hold(conn, selectors.EVENT_READ, self._throw_away)

    def _throw_away(self, conn: TConn) -> None:
        try:
            more = conn.sock.sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        if not more:
            self._drop(conn)

    def murder_pending(self) -> None:
        """Send away who has had their time; gunicorn asks this in every round."""
        now = time.monotonic()
        if now - self.looked_at < LOOK_SECONDS:
            return
        self.looked_at = now
        for conn in [each for each in self.held if each.sock.is_late(now, stopping=not self.alive)]:
            self._drop(conn)

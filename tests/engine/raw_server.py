"""Servers that break HTTP and TLS in ways no library would: each manner has a port of its own on loopback."""

import gzip
import itertools
import random
import shutil
import socket
import ssl
import subprocess
import threading
import time

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SLOWLY_S = 0.5


def hold(connection):
    """Till the client gives up."""
    while connection.recv(4096):
        pass


def trickle(connection, data):
    """A byte at a time, for ever."""
    for byte in itertools.cycle(data):
        connection.sendall(bytes([byte]))
        time.sleep(SLOWLY_S)


def flood(connection, data):
    while True:
        connection.sendall(data)


def endless(head, rest):
    def answer(connection):
        connection.sendall(head)
        flood(connection, rest * 1000)

    return answer


def whole(data):
    return lambda connection: connection.sendall(data)


def then_hold(data):
    def answer(connection):
        connection.sendall(data)
        hold(connection)

    return answer


def garbage():
    return random.Random(7).randbytes(5000)


def bomb_in_a_bomb():
    inner = gzip.compress(bytes(1 << 20), 1) * 200
    body = gzip.compress(inner, 6)
    return OK + b"Content-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body


# What each does once it was asked; nothing it sends is a good answer.
MANNERS = {
    "closes at once": whole(b""),
    "says nothing": hold,
    "is no HTTP": whole(b"SSH-2.0-OpenSSH_9.2p1\r\n"),
    "sends garbage": whole(garbage()),
    "speaks HTTP/0.9": whole(b"<html>hello</html>\n"),
    "speaks HTTP/9.9": whole(b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n[]"),
    "has no such status": whole(b"HTTP/1.1 99999 Yes\r\nContent-Length: 2\r\n\r\n[]"),
    "dribbles its headers": lambda connection: trickle(connection, OK),
    "never ends its headers": endless(OK, b"X-More: and more\r\n"),
    "has a header without an end": endless(OK + b"X-Long: ", b"and on "),
    "informs for ever": endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"),
    "has a NUL in a header": whole(OK + b"X-Odd: a\0b\r\nContent-Length: 2\r\n\r\n[]"),
    "sends less than it said": whole(OK + b"Content-Length: 5000\r\n\r\n[]"),
    "sends less than it said, and stays": then_hold(OK + b"Content-Length: 5000\r\n\r\n[]"),
    "sends more than it said": whole(OK + b"Content-Length: 10\r\n\r\n[" + b"5," * 5000),
    "has a length of less than nothing": whole(OK + b"Content-Length: -5\r\n\r\n[]"),
    "has a length beyond all numbers": whole(OK + b"Content-Length: 99999999999999999999999\r\n\r\n["),
    "says two lengths": whole(OK + b"Content-Length: 1\r\nContent-Length: 5000\r\n\r\n["),
    "has chunks that are none": whole(OK + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n[]\r\n0\r\n\r\n"),
    "has a chunk beyond all numbers": whole(OK + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n[]"),
    "never ends a chunk's extension": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n5;x=", b"y"),
    "never ends its trailers": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n0\r\n", b"X-More: and more\r\n"),
    "sends chunks for ever": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\n[[[[[\r\n"),
    "packs garbage": whole(OK + b"Content-Encoding: gzip\r\nContent-Length: 5000\r\n\r\n" + garbage()),
    "packs what is cut off": whole(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(garbage())[:2000]),
    "packs in an unknown way": whole(OK + b"Content-Encoding: crunched\r\nContent-Length: 2\r\n\r\n[]"),
    "packs fifty times": whole(OK + b"Content-Encoding: " + b", ".join([b"gzip"] * 50) + b"\r\nContent-Length: 2\r\n\r\n[]"),
    "packs a bomb in a bomb": whole(bomb_in_a_bomb()),
}

# The same over TLS, or what ought to be TLS: certificate, and what is done instead of a handshake.
TLS_MANNERS = {
    "speaks no TLS": ("", whole(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
    "hangs in the handshake": ("", hold),
    "has a certificate that nobody vouches for": ("*.localhost", None),
    "has a certificate of another name": ("www.elsewhere.example", None),
}


class RawServer:
    """Every manner at a port; ports[manner] names it. Certificates lie in @folder; the one of another name is its own authority,
    so that a client may trust it."""

    def __init__(self, folder):
        self.folder = folder
        self.ports = {}
        for name, manner in MANNERS.items():
            self.ports[name] = self.listen(manner, None)
        for name, (certified, manner) in TLS_MANNERS.items():
            if manner or shutil.which("openssl"):
                self.ports[name] = self.listen(manner, self.certify(certified) if certified else None)

    def certificate(self, name):
        return self.folder / f"{name.strip('*.')}.pem"

    def certify(self, name):
        file = self.certificate(name)
        subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        subprocess.run([*command, *subject, "-keyout", file, "-out", f"{file}.crt"], check=True, stderr=subprocess.DEVNULL)
        with open(file, "ab") as whole_file, open(f"{file}.crt", "rb") as part:
            whole_file.write(part.read())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def listen(self, manner, context):
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        threading.Thread(target=self.serve, args=(listener, manner, context), daemon=True).start()
        return listener.getsockname()[1]

    def serve(self, listener, manner, context):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self.answer, args=(connection, manner, context), daemon=True).start()

    @staticmethod
    def answer(connection, manner, context):
        try:
            connection.settimeout(60)
            if context:
                connection = context.wrap_socket(connection, server_side=True)
            connection.recv(65536)
            (manner or hold)(connection)
            connection.shutdown(socket.SHUT_WR)
            hold(connection)
        except (OSError, ssl.SSLError):
            pass
        finally:
            connection.close()

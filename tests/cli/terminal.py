"""terminal.py COLUMNS[:LATER] ROWS bars|alone COMMAND...: runs a command on a terminal of that size and looks at the progress it draws.

Each line drawn must leave the last column free, no more lines may be drawn than there are rows, and beside the bar of a stage
there must be bars of its jobs (bars) or none (alone). With LATER the terminal becomes that wide when the first bar was drawn, and
the last must fit. What the command wrote is written to stdout.
"""
import fcntl
import os
import pty
import re
import struct
import sys
import termios

sizes, rows, wanted = [int(size) for size in sys.argv[1].split(":")], int(sys.argv[2]), sys.argv[3]


def resize(file, columns):
    fcntl.ioctl(file, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


child, terminal = pty.fork()
if child == 0:
    resize(2, sizes[0])
    os.execv(sys.argv[4], sys.argv[4:])

output = b""
try:
    while chunk := os.read(terminal, 65536):
        if b"\x1b[J" in chunk and b"\x1b[J" not in output:
            resize(terminal, sizes[-1])
        output += chunk
except OSError:
    pass
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.stdout.buffer.write(output)

frames = [frame.split("\r\n")[:-1] for frame in output.decode().split("\x1b[J")[1:]]
drawn = [[line for line in frame if re.search(r"\[[#.]*\]? ?|\d$", line) and not line.startswith("courant: ")] for frame in frames]
drawn = [frame for frame in drawn if frame]
assert drawn, output
for frame in drawn:
    columns = sizes[-1] if frame is drawn[-1] else max(sizes)
    assert len(frame) < rows, (rows, frame)
    for line in frame:
        assert len(re.sub(r"\x1b\[[0-9]*[A-Z]", "", line)) < columns, (columns, line)
most = max(len(frame) for frame in drawn)
assert most > 1 if wanted == "bars" else most == 1, (wanted, most, drawn)
sys.exit(status)

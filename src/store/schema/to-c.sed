# SQL as C string literals, a line each.
s/\\/\\\\/g
s/"/\\"/g
s/^/"/
s/$/\\n"/

/*
 * Preloaded before the program under test: writes each address it dials or sends to, a line each, to COURANT_DIALLED.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
note(const struct sockaddr *address)
{
  char text[INET6_ADDRSTRLEN] = "";
  char line[INET6_ADDRSTRLEN + 16];
  const char *path = getenv("COURANT_DIALLED");
  int port = 0;
  if (address->sa_family == AF_INET) {
    const struct sockaddr_in *four = (const struct sockaddr_in *) address;
    inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
    port = ntohs(four->sin_port);
  } else if (address->sa_family == AF_INET6) {
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *) address;
    inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
    port = ntohs(six->sin6_port);
  }
  int file = path != NULL && *text != '\0' ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  int length = snprintf(line, sizeof line, "%s %d\n", text, port);
  if (file >= 0 && write(file, line, (size_t) length) != length)
    abort();
  if (file >= 0)
    close(file);
}

int
connect(int socket, __CONST_SOCKADDR_ARG address, socklen_t length)
{
  note(address.__sockaddr__);
  return (int) syscall(SYS_connect, socket, address.__sockaddr__, length);
}

ssize_t
sendto(int socket, const void *bytes, size_t size, int flags, __CONST_SOCKADDR_ARG address, socklen_t length)
{
  if (address.__sockaddr__ != NULL)
    note(address.__sockaddr__);
  return syscall(SYS_sendto, socket, bytes, size, flags, address.__sockaddr__, length);
}

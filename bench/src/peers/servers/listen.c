/*
 * Starts nginx on a listening socket that has TCP_NODELAY, which connections inherit: Nchan never sets it for WebSockets,
 * and its messages would wait for the acknowledgements of the ones before. nginx takes sockets over as in an upgrade.
 *
 *   listen <port> <command…>
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count < 3) return 2;
  int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(arguments[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, SOMAXCONN) < 0) {
    perror("listen");
    return 1;
  }
  char inherited[16];
  snprintf(inherited, sizeof inherited, "%d;", fd);
  setenv("NGINX", inherited, 1);
  execvp(arguments[2], arguments + 2);
  perror(arguments[2]);
  return 1;
}

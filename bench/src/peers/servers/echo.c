/*
 * The backend of the upstream rows, kept so small that it is not what is measured: an HTTP/1.1 server that allows every
 * origin, answers user events (CloudEvents) with what they brought, and everything else with 204.
 *
 *   echo <port>
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256, REQUEST_MAX = 1 << 16 };

typedef struct {
  int fd;
  size_t length;
  char bytes[REQUEST_MAX + 1];
} Conn;

static int epoll;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static size_t bodyLength(const char *head) {
  const char *line = strcasestr(head, "\r\ncontent-length:");
  return line ? strtoul(line + 17, NULL, 10) : 0;
}

/** The answers are short and the sockets empty, so that a partial write is a fault. */
static void writeAll(int fd, const char *bytes, size_t length) {
  if (send(fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length) fail("send");
}

static void answer(int fd, const char *head, const char *body, size_t length) {
  static char text[REQUEST_MAX + 512];
  const char *type = strcasestr(head, "\r\ncontent-type:");
  int typeLength = type ? (int)strcspn(type + 2, "\r") : 0;
  size_t size;
  if (strncmp(head, "OPTIONS", 7) == 0)
    size = (size_t)sprintf(text, "HTTP/1.1 200 OK\r\nWebHook-Allowed-Origin: *\r\nContent-Length: 0\r\n\r\n");
  else if (strcasestr(head, "\r\nce-type: azure.webpubsub.user."))
    size = (size_t)sprintf(text, "HTTP/1.1 200 OK\r\n%.*s\r\nContent-Length: %zu\r\n\r\n", typeLength,
                           type ? type + 2 : "X-Type: none", length);
  else size = (size_t)sprintf(text, "HTTP/1.1 204 No Content\r\n\r\n"), length = 0;
  memcpy(text + size, body, length);
  writeAll(fd, text, size + length);
}

/** Answers every whole request that has come. */
static void answerAll(Conn *conn) {
  for (;;) {
    conn->bytes[conn->length] = 0;
    char *end = strstr(conn->bytes, "\r\n\r\n");
    if (!end) return;
    char kept = end[2];
    end[2] = 0; /* the searches stay in the head */
    size_t body = bodyLength(conn->bytes), head = (size_t)(end - conn->bytes) + 4;
    if (conn->length < head + body) {
      end[2] = kept;
      return;
    }
    answer(conn->fd, conn->bytes, conn->bytes + head, body);
    conn->length -= head + body;
    memmove(conn->bytes, conn->bytes + head + body, conn->length);
  }
}

static void readFrom(Conn *conn) {
  ssize_t length = recv(conn->fd, conn->bytes + conn->length, REQUEST_MAX - conn->length, 0);
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0) {
    close(conn->fd);
    free(conn);
    return;
  }
  conn->length += (size_t)length;
  answerAll(conn);
}

static void acceptAll(int listener) {
  int on = 1, fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Conn *conn = calloc(1, sizeof *conn);
    if (!conn) fail("calloc");
    conn->fd = fd;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = conn};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(arguments[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (listen(listener, SOMAXCONN) < 0) fail("listen");
  epoll = epoll_create1(0);
  struct epoll_event events[EVENTS], own = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &own);
  for (;;) {
    int ready = epoll_wait(epoll, events, EVENTS, -1);
    for (int n = 0; n < ready; n++) {
      if (events[n].data.ptr) readFrom(events[n].data.ptr);
      else acceptAll(listener);
    }
  }
}

/* Sockets: opening, reading, writing, one epoll loop. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SOURCES = 8, EVENTS = 1024, READ_MAX = 1 << 18 };

static int epoll;
static void (*takeCommand)(char *line);
static uint8_t buffer[READ_MAX];

void startEpoll(void) {
  epoll = epoll_create1(0);
  if (epoll < 0) die("epoll: %s", strerror(errno));
}

void watchCommands(void (*take)(char *line)) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  takeCommand = take;
  epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event);
}

static void watchFor(Conn *conn, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = conn};
  if (epoll_ctl(epoll, operation, conn->fd, &event) < 0) die("epoll_ctl: %s", strerror(errno));
}

/** From one of eight source addresses, so that none runs out of ports. */
void openConn(Conn *conn) {
  static uint32_t opened;
  int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) die("socket: %s", strerror(errno));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + opened++ % SOURCES)};
  struct sockaddr_in to = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)plan.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0) die("bind: %s", strerror(errno));
  if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) die("connect: %s", strerror(errno));
  conn->fd = fd;
  conn->state = CONNECTING;
  conn->step = conn->headLength = 0;
  conn->heldLength = conn->outLength = 0;
  conn->skip = 0;
  conn->isBusy = conn->hasHead = false;
  watchFor(conn, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

void closeConn(Conn *conn) {
  struct linger reset = {.l_onoff = 1, .l_linger = 0};
  setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  close(conn->fd);
  conn->fd = -1;
  conn->state = CLOSED;
}

static void keep(uint8_t **bytes, uint32_t *length, const void *added, size_t addedLength) {
  uint8_t *grown = realloc(*bytes, *length + addedLength + 1);
  if (!grown) die("out of memory");
  memcpy(grown + *length, added, addedLength);
  *bytes = grown;
  *length += (uint32_t)addedLength;
}

void holdBytes(Conn *conn, const uint8_t *bytes, size_t length) {
  keep(&conn->held, &conn->heldLength, bytes, length);
}

void writeConn(Conn *conn, const void *bytes, uint32_t length) {
  ssize_t written = 0;
  if (conn->outLength == 0) {
    written = send(conn->fd, bytes, length, MSG_NOSIGNAL);
    if (written == (ssize_t)length) return;
    if (written < 0 && errno != EAGAIN) die("send: %s", strerror(errno));
    if (written < 0) written = 0;
    watchFor(conn, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  }
  keep(&conn->out, &conn->outLength, (const uint8_t *)bytes + written, length - (size_t)written);
}

static void writable(Conn *conn) {
  if (conn->state == CONNECTING) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) die("connect: %s", strerror(error));
    watchFor(conn, EPOLL_CTL_MOD, EPOLLIN);
    conn->state = conn->steps == 0 ? HTTP : UPGRADING;
    if (conn->state == HTTP) onReady(conn);
    else {
      Blob request = plan.blobs[plan.steps[conn->firstStep].send];
      writeConn(conn, request.bytes, request.length);
    }
    return;
  }
  ssize_t written = send(conn->fd, conn->out, conn->outLength, MSG_NOSIGNAL);
  if (written < 0) {
    if (errno == EAGAIN) return;
    die("send: %s", strerror(errno));
  }
  conn->outLength -= (uint32_t)written;
  memmove(conn->out, conn->out + written, conn->outLength);
  if (conn->outLength == 0) watchFor(conn, EPOLL_CTL_MOD, EPOLLIN);
}

static void readable(Conn *conn) {
  ssize_t length = recv(conn->fd, buffer, sizeof buffer, 0);
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0)
    die("the server ended connection %ld in state %d: %s %.*s", (long)(conn - plan.conns), (int)conn->state,
        length < 0 ? strerror(errno) : "", (int)conn->heldLength, conn->held ? (const char *)conn->held : "");
  if (conn->state == READY) {
    takeFrames(conn, buffer, (size_t)length);
    return;
  }
  if (conn->state == HTTP) {
    takeResponse(conn, buffer, (size_t)length);
    return;
  }
  holdBytes(conn, buffer, (size_t)length);
  if (conn->state == UPGRADING && upgradeEnd(conn) == 0) return;
  prepare(conn);
}

static void readCommands(void) {
  static char line[1 << 14];
  static size_t length;
  ssize_t count = read(STDIN_FILENO, line + length, sizeof line - length - 1);
  if (count <= 0) exit(0);
  length += (size_t)count;
  line[length] = 0;
  char *end = strchr(line, '\n');
  if (!end) return;
  *end = 0;
  length = 0; /* one command at a time: the next is sent after the answer */
  takeCommand(line);
}

void pump(uint64_t until) {
  struct epoll_event events[EVENTS];
  uint64_t now = nowNs(), wait = until > now ? until - now : 0;
  struct timespec timeout = {(time_t)(wait / 1000000000u), (long)(wait % 1000000000u)};
  int count = epoll_pwait2(epoll, events, EVENTS, &timeout, NULL);
  if (count < 0 && errno != EINTR) die("epoll_wait: %s", strerror(errno));
  bool hasCommand = false;
  for (int n = 0; n < count; n++) {
    Conn *conn = events[n].data.ptr;
    if (!conn) hasCommand = true;
    else if (conn->fd >= 0) {
      if (events[n].events & EPOLLOUT) writable(conn);
      if (conn->fd >= 0 && events[n].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(conn);
    }
  }
  if (hasCommand) readCommands();
}

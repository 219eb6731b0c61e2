/*
 * The limit: one epoll loop that shakes hands, hops over the frames that arrive, and for each of them writes a ready-made
 * frame to every member of the sender's group (the number at the end of the path). What one wake-up brought to a group is
 * gathered, and written to each member in one call. It knows no payload, no permission, no acknowledgement.
 *
 *   bare <port> <file with the ready-made frame>
 */
#include "accept.h"

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

enum { EVENTS = 1024, READ_MAX = 1 << 16, REQUEST_MAX = 2048, GROUPS_MAX = 1 << 16 };

typedef struct {
  uint8_t *bytes;
  size_t length, capacity;
} Bytes;

typedef struct {
  int fd;
  uint32_t group, place;
  uint64_t skip; /* bytes of the current frame that are still to come */
  Bytes held;    /* the request, or the head of a frame that came in pieces */
  Bytes out;     /* what the socket did not take */
  int isUpgraded;
} Conn;

typedef struct {
  Conn **members;
  uint32_t count, capacity, pending;
} Group;

static Group groups[GROUPS_MAX];
static uint32_t dirty[GROUPS_MAX], dirtyCount;
static int epoll;
static Bytes frame, batch;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void append(Bytes *to, const void *bytes, size_t length) {
  if (to->length + length > to->capacity) {
    to->capacity = (to->length + length) * 2;
    to->bytes = realloc(to->bytes, to->capacity);
    if (!to->bytes) fail("realloc");
  }
  memcpy(to->bytes + to->length, bytes, length);
  to->length += length;
}

static void discard(Bytes *bytes) {
  free(bytes->bytes);
  *bytes = (Bytes){0};
}

static void watch(Conn *conn, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = conn};
  if (epoll_ctl(epoll, operation, conn->fd, &event) < 0) fail("epoll_ctl");
}

static void writeTo(Conn *conn, const void *bytes, size_t length) {
  ssize_t written = 0;
  if (conn->out.length == 0) {
    written = send(conn->fd, bytes, length, MSG_NOSIGNAL);
    if (written == (ssize_t)length) return;
    if (written < 0 && errno != EAGAIN) return; /* a reset, which the next read tells */
    if (written < 0) written = 0;
    watch(conn, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  }
  append(&conn->out, (const uint8_t *)bytes + written, length - (size_t)written);
}

static void writeRest(Conn *conn) {
  ssize_t written = send(conn->fd, conn->out.bytes, conn->out.length, MSG_NOSIGNAL);
  if (written < 0) return;
  conn->out.length -= (size_t)written;
  memmove(conn->out.bytes, conn->out.bytes + written, conn->out.length);
  if (conn->out.length > 0) return;
  discard(&conn->out);
  watch(conn, EPOLL_CTL_MOD, EPOLLIN);
}

static void join(Conn *conn, uint32_t number) {
  Group *group = &groups[number % GROUPS_MAX];
  conn->group = number % GROUPS_MAX;
  conn->place = group->count;
  if (group->count == group->capacity) {
    group->capacity = group->capacity ? group->capacity * 2 : 2;
    group->members = realloc(group->members, group->capacity * sizeof *group->members);
    if (!group->members) fail("realloc");
  }
  group->members[group->count++] = conn;
}

static void leave(Conn *conn) {
  if (conn->isUpgraded) {
    Group *group = &groups[conn->group];
    group->members[conn->place] = group->members[--group->count];
    group->members[conn->place]->place = conn->place;
  }
  close(conn->fd);
  discard(&conn->held);
  discard(&conn->out);
  free(conn);
}

static void upgrade(Conn *conn) {
  append(&conn->held, "", 1);
  const char *request = (const char *)conn->held.bytes, *end = strstr(request, "\r\n\r\n");
  conn->held.length--;
  if (!end) return;
  const char *key = strcasestr(request, "\r\nsec-websocket-key: "), *path = strstr(request, "/g/");
  if (!key || end - key < 45) return;
  char answer[160] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Accept: ";
  size_t length = strlen(answer);
  acceptOf(key + 21, answer + length);
  memcpy(answer + length + ACCEPT_LENGTH, "\r\n\r\n", 4);
  join(conn, path ? (uint32_t)atoi(path + 3) : 0);
  conn->isUpgraded = 1;
  discard(&conn->held);
  writeTo(conn, answer, length + ACCEPT_LENGTH + 4);
}

/** Length of a masked frame's head, 0 while it is not whole. */
static size_t readHead(const uint8_t *bytes, size_t length, uint64_t *payload) {
  if (length < 2) return 0;
  uint8_t small = bytes[1] & 127;
  size_t numbers = small < 126 ? 0 : small == 126 ? 2 : 8;
  if (length < 2 + numbers + 4) return 0;
  *payload = small;
  if (numbers) *payload = 0;
  for (size_t n = 0; n < numbers; n++) *payload = *payload << 8 | bytes[2 + n];
  return 2 + numbers + 4;
}

static void startFrame(Conn *conn, const uint8_t *head, uint64_t payload) {
  conn->skip = payload;
  if (head[0] & 8) return; /* pings are not sent to it, and who says goodbye hangs up too */
  Group *group = &groups[conn->group];
  if (group->pending++ == 0) dirty[dirtyCount++] = conn->group;
}

static void takeFrames(Conn *conn, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    uint64_t payload = 0;
    size_t used = conn->skip < length ? conn->skip : length, head = 0;
    conn->skip -= used;
    if (used == 0 && conn->held.length == 0) {
      used = head = readHead(bytes, length, &payload);
      if (head > 0) startFrame(conn, bytes, payload);
    }
    if (used == 0) {
      append(&conn->held, bytes, used = 1);
      head = readHead(conn->held.bytes, conn->held.length, &payload);
      if (head > 0) startFrame(conn, conn->held.bytes, payload);
      if (head > 0) discard(&conn->held);
    }
    bytes += used;
    length -= used;
  }
}

/** One write per member for all that this wake-up brought to the group. */
static void flush(Group *group) {
  batch.length = 0;
  for (; group->pending > 0; group->pending--) append(&batch, frame.bytes, frame.length);
  for (uint32_t n = 0; n < group->count; n++) writeTo(group->members[n], batch.bytes, batch.length);
}

static void readFrom(Conn *conn) {
  static uint8_t buffer[READ_MAX];
  ssize_t length = recv(conn->fd, buffer, sizeof buffer, 0);
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0 || (!conn->isUpgraded && conn->held.length > REQUEST_MAX)) {
    leave(conn);
    return;
  }
  if (conn->isUpgraded) {
    takeFrames(conn, buffer, (size_t)length);
    return;
  }
  append(&conn->held, buffer, (size_t)length);
  upgrade(conn);
}

static void acceptAll(int listener) {
  int on = 1, fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Conn *conn = calloc(1, sizeof *conn);
    if (!conn) fail("calloc");
    conn->fd = fd;
    watch(conn, EPOLL_CTL_ADD, EPOLLIN);
  }
}

static int listenOn(int port) {
  int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (listen(fd, SOMAXCONN) < 0) fail("listen");
  return fd;
}

static void readFrame(const char *path) {
  uint8_t part[4096];
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  for (size_t length; (length = fread(part, 1, sizeof part, file)) > 0;) append(&frame, part, length);
  fclose(file);
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  readFrame(arguments[2]);
  int listener = listenOn(atoi(arguments[1]));
  epoll = epoll_create1(0);
  struct epoll_event events[EVENTS], own = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &own);
  for (;;) {
    int ready = epoll_wait(epoll, events, EVENTS, -1);
    for (int n = 0; n < ready; n++) {
      Conn *conn = events[n].data.ptr;
      if (!conn) acceptAll(listener);
      else if (events[n].events & EPOLLOUT) writeRest(conn);
      else readFrom(conn);
    }
    for (; dirtyCount > 0; dirtyCount--) flush(&groups[dirty[dirtyCount - 1]]);
  }
}

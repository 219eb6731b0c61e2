/* WebSocket frames from the server: their heads are hopped over, their payloads are only counted. */
#include "load.h"

#include <stdio.h>
#include <string.h>

Conn *captured;
uint8_t capture[1 << 16];
uint32_t captureLength;

typedef struct {
  uint32_t head; /* bytes of the head; 0: it has not come whole */
  uint64_t payload;
} Frame;

static Frame readHead(const uint8_t *bytes, size_t length) {
  if (length < 2) return (Frame){0, 0};
  uint8_t small = bytes[1] & 127;
  uint32_t head = small < 126 ? 2 : small == 126 ? 4 : 10;
  if (length < head) return (Frame){0, 0};
  uint64_t payload = small < 126 ? small : 0;
  for (uint32_t n = 2; n < head; n++) payload = payload << 8 | bytes[n];
  return (Frame){head, payload};
}

/** Where the answer to the upgrade ends, 0 while it is not whole; anything but 101 is the end. */
size_t upgradeEnd(const Conn *conn) {
  const uint8_t *end = memmem(conn->held, conn->heldLength, "\r\n\r\n", 4);
  if (!end) return 0;
  if (conn->heldLength < 12 || memcmp(conn->held + 9, "101", 3) != 0)
    die("the upgrade was answered: %.*s", (int)conn->heldLength, conn->held);
  return (size_t)(end - conn->held) + 4;
}

static void drop(Conn *conn, size_t length) {
  conn->heldLength -= (uint32_t)length;
  memmove(conn->held, conn->held + length, conn->heldLength);
}

/** Sends what comes next until something has to be waited for. True: all steps are done. */
static bool advance(Conn *conn) {
  while (++conn->step < conn->steps) {
    Step step = plan.steps[conn->firstStep + conn->step];
    Blob blob = plan.blobs[step.send];
    if (blob.length > 0) writeConn(conn, blob.bytes, blob.length);
    if (plan.blobs[step.wait].length > 0) return false;
  }
  return true;
}

static bool isAwaited(const Conn *conn, const uint8_t *payload, size_t length) {
  Blob wait = plan.blobs[plan.steps[conn->firstStep + conn->step].wait];
  return memmem(payload, length, wait.bytes, wait.length) != NULL;
}

/** Goes through the steps as their answers arrive; whatever comes behind the last answer is counted. */
void prepare(Conn *conn) {
  bool isDone = false;
  if (conn->state == UPGRADING) {
    drop(conn, upgradeEnd(conn));
    conn->state = PREPARING;
    isDone = advance(conn);
  }
  while (!isDone) {
    Frame frame = readHead(conn->held, conn->heldLength);
    if (frame.head == 0 || conn->heldLength < frame.head + frame.payload) return;
    if ((conn->held[0] & 15) == 8) die("closed while preparing: %.*s", (int)conn->heldLength, conn->held);
    bool matches = isAwaited(conn, conn->held + frame.head, frame.payload);
    drop(conn, frame.head + frame.payload);
    if (matches) isDone = advance(conn);
  }
  conn->state = READY;
  uint32_t rest = conn->heldLength;
  conn->heldLength = 0;
  if (rest > 0) takeFrames(conn, conn->held, rest);
  onReady(conn);
}

static void writeMasked(Conn *conn, uint8_t opcode, const void *payload, uint32_t length) {
  uint8_t frame[6 + 125] = {0x80 | opcode, (uint8_t)(0x80 | length), 0, 0, 0, 0}; /* a mask of zeros is a mask */
  memcpy(frame + 6, payload, length);
  writeConn(conn, frame, 6 + length);
}

/** Confirms what has arrived, as a reliable client does. */
void confirm(Conn *conn) {
  char text[80];
  int length =
      snprintf(text, sizeof text, "{\"type\":\"sequenceAck\",\"sequenceId\":%llu}", (unsigned long long)conn->got);
  conn->acked = conn->got;
  writeMasked(conn, 1, text, (uint32_t)length);
}

/** A ping is answered, though without its payload where that did not come in one piece. */
static void control(Conn *conn, const uint8_t *payload, size_t length) {
  uint8_t opcode = conn->first & 15;
  if (opcode == 9) writeMasked(conn, 10, payload, length > 125 ? 0 : (uint32_t)length);
  if (opcode == 8) die("closed by the server: %.*s", length > 2 ? (int)length - 2 : 0, (const char *)payload + 2);
}

static void keepPart(Conn *conn, const uint8_t *bytes, size_t length) {
  if (captured != conn || length > sizeof capture - captureLength) return;
  memcpy(capture + captureLength, bytes, length);
  captureLength += (uint32_t)length;
}

/**
 * Counts the frame that has come to its end. Where one frame holds many messages, they are counted by their bytes, and
 * what is six bytes too long holds a PING of NATS, which wants an answer.
 */
static uint64_t endFrame(Conn *conn) {
  if (conn->first & 8) return 0;
  if (plan.messageBytes == 0) return conn->first >> 7;
  uint64_t before = conn->payload / plan.messageBytes;
  bool hasPing = conn->size % plan.messageBytes == 6;
  if (hasPing) writeMasked(conn, 2, "PONG\r\n", 6);
  conn->payload += hasPing ? conn->size - 6 : conn->size;
  return conn->payload / plan.messageBytes - before;
}

/** Takes a head, and of its payload what has come; returns how many bytes that was. */
static size_t startFrame(Conn *conn, const uint8_t *bytes, size_t length) {
  Frame frame = readHead(bytes, length);
  uint64_t here = length - frame.head < frame.payload ? length - frame.head : frame.payload;
  conn->first = bytes[0];
  conn->size = frame.payload;
  conn->skip = frame.payload - here;
  if (conn->first & 8) control(conn, bytes + frame.head, here);
  else keepPart(conn, bytes + frame.head, here);
  return frame.head + here;
}

static size_t skipPayload(Conn *conn, const uint8_t *bytes, size_t length) {
  size_t used = conn->skip < length ? conn->skip : length;
  if ((conn->first & 8) == 0) keepPart(conn, bytes, used);
  conn->skip -= used;
  return used;
}

/** A head that comes in pieces, byte by byte. True once it is whole. */
static bool growHead(Conn *conn, uint8_t byte) {
  conn->head[conn->headLength++] = byte;
  if (readHead(conn->head, conn->headLength).head == 0) return false;
  startFrame(conn, conn->head, conn->headLength);
  conn->headLength = 0;
  return true;
}

/** Counts what has arrived whole. */
void takeFrames(Conn *conn, const uint8_t *bytes, size_t length) {
  uint64_t got = conn->got;
  while (length > 0) {
    size_t used = 1;
    bool isStarted = true;
    if (conn->skip > 0) used = skipPayload(conn, bytes, length);
    else if (conn->headLength == 0 && readHead(bytes, length).head > 0) used = startFrame(conn, bytes, length);
    else isStarted = growHead(conn, *bytes);
    if (isStarted && conn->skip == 0) got += endFrame(conn);
    bytes += used;
    length -= used;
  }
  if (got > conn->got) onMessages(conn, got);
}

/* HTTP/1.1 with keep-alive, one request at a time on a connection. */
#include "load.h"

#include <stdlib.h>
#include <string.h>

/** Takes the head of a response once it is whole; returns its length, 0 while it is not. */
static size_t readResponseHead(Conn *conn) {
  const uint8_t *end = memmem(conn->held, conn->heldLength, "\r\n\r\n", 4);
  if (!end) return 0;
  size_t length = (size_t)(end - conn->held) + 4;
  conn->held[length - 1] = 0; /* the last line feed, so that the searches below end */
  const char *head = (const char *)conn->held;
  if (strcasestr(head, "\r\ntransfer-encoding:")) die("a chunked answer is not expected: %s", head);
  const char *contentLength = strcasestr(head, "\r\ncontent-length:");
  conn->skip = contentLength ? strtoull(contentLength + 17, NULL, 10) : 0;
  conn->status = length > 12 ? atoi(head + 9) : 0;
  return length;
}

/** Bodies are skipped. */
void takeResponse(Conn *conn, const uint8_t *bytes, size_t length) {
  if (!conn->isBusy) die("an answer without a question: %.*s", (int)length, (const char *)bytes);
  if (!conn->hasHead) {
    holdBytes(conn, bytes, length);
    size_t head = readResponseHead(conn);
    if (head == 0) return;
    length = conn->heldLength - head;
    conn->heldLength = 0;
    conn->hasHead = true;
  }
  if (length > conn->skip) die("more than an answer came");
  conn->skip -= length;
  if (conn->skip > 0) return;
  conn->hasHead = conn->isBusy = false;
  onResponse(conn);
}

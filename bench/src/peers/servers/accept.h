/* The answer to a WebSocket handshake (RFC 6455, 4.2.2). */
#pragma once

enum { ACCEPT_LENGTH = 28 };

/** Writes the 28 characters of Sec-WebSocket-Accept for a key of 24, without an end. */
void acceptOf(const char *key, char *accept);

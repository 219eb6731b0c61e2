/* What the files of the load generator share. All times are nanoseconds of CLOCK_MONOTONIC. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Ready-made bytes of the plan. */
typedef struct {
  uint32_t length;
  const uint8_t *bytes;
} Blob;

/** One step of getting ready: send the one blob, wait for a frame that contains the other (empty: do not wait). */
typedef struct {
  uint32_t send, wait;
} Step;

typedef enum { CLOSED, CONNECTING, UPGRADING, PREPARING, READY, HTTP } State;

typedef struct {
  int fd;
  State state;
  bool isBusy, hasHead; /* HTTP: a response is awaited, its head has come with this */
  int status;
  uint32_t group, step, firstStep, steps;
  uint64_t got;     /* messages that arrived since it was ready */
  uint64_t payload; /* bytes of data frames that arrived since it was ready */
  uint64_t skip;    /* bytes of the current frame, or HTTP body, that are still to come */
  uint64_t size;    /* bytes of the current frame's payload */
  uint64_t acked;   /* the last sequence id that was confirmed */
  uint8_t head[16], headLength, first; /* of the current frame; `first` is its first byte */
  uint8_t *held, *out; /* what could not be read or written whole */
  uint32_t heldLength, outLength;
} Conn;

/** Who gets what is sent; `count` is a ring: how many members have got exactly n messages. */
typedef struct {
  uint32_t first, members, firstBlob, blobs;
  uint64_t sent, done;
  uint32_t *count;
  uint64_t *sentAt;
} Group;

typedef struct {
  uint32_t port, ackEvery, httpConns, window, sampleEvery, messageBytes; /* messageBytes 0: one frame is one message */
  uint32_t blobCount, stepCount, groupCount, memberCount, connCount;
  Blob *blobs;
  Step *steps;
  Group *groups;
  Conn *conns; /* the members of all groups in order, then the HTTP connections */
} Plan;

extern Plan plan;

_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
uint64_t nowNs(void);

/* plan.c */
void readPlan(const char *path);

/* conn.c */
void startEpoll(void);
void pump(uint64_t until); /* waits for events, at most until then, and handles them */
void watchCommands(void (*take)(char *line));
void openConn(Conn *conn);
void closeConn(Conn *conn); /* at once, with a reset, so that no port stays taken */
void writeConn(Conn *conn, const void *bytes, uint32_t length);
void holdBytes(Conn *conn, const uint8_t *bytes, size_t length);

/* frames.c */
size_t upgradeEnd(const Conn *conn);
void prepare(Conn *conn);
void takeFrames(Conn *conn, const uint8_t *bytes, size_t length);
void confirm(Conn *conn);
extern Conn *captured; /* whose next frame is to be kept */
extern uint8_t capture[1 << 16];
extern uint32_t captureLength;

/* http.c */
void takeResponse(Conn *conn, const uint8_t *bytes, size_t length);

/* run.c */
typedef struct {
  bool isClosedLoop;
  uint32_t inFlight; /* in each group */
  double rate;       /* sends a second over all groups, for an open loop */
  uint32_t warmMs, measureMs;
  const char *pids; /* whose CPU time counts as the server's, separated by commas */
} RunOptions;
void run(RunOptions options);
void runConnects(RunOptions options);
void openAll(void);
void onReady(Conn *conn);
void onMessages(Conn *conn, uint64_t got);
void onResponse(Conn *conn);
void sendTo(uint32_t group, uint64_t dueAt);
bool isDrained(void);

/* stats.c */
void clearLatencies(void);
void addLatency(uint64_t ns);
double latencyMs(double share);
double treeCpuSeconds(const char *pids);
double ownCpuSeconds(void);

/* Loops: closed (a send follows when one has arrived everywhere), open (sends at fixed times), and connecting. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>

enum { OPENING = 200, DRAIN_SECONDS = 5 };
static const uint64_t second = 1000000000u;

typedef enum { IDLE, RUNNING, DRAINING } Phase;

typedef struct {
  uint64_t at, sends, deliveries, responses, refused, connects;
  double serverCpu, loadCpu;
} Snapshot;

static Phase phase;
static RunOptions options;
static Snapshot count; /* its first five only ever grow */
static uint64_t skipped, lastTick, readyCount, stalled;
static bool isMeasuring, isConnecting;

static Conn **freeHttp;
static uint32_t freeCount;
typedef struct {
  uint32_t group;
  uint64_t dueAt;
} Waiting;
static Waiting queue[1 << 16];
static uint32_t queueHead, queueTail, nextGroup;

static Snapshot snapshot(void) {
  Snapshot now = count;
  now.at = nowNs();
  now.serverCpu = treeCpuSeconds(options.pids);
  now.loadCpu = ownCpuSeconds();
  return now;
}

static void dispatch(Conn *conn, uint32_t index, uint64_t dueAt) {
  Group *group = &plan.groups[index];
  Blob blob = plan.blobs[group->firstBlob + group->sent % group->blobs];
  if (group->sent - group->done >= plan.window) die("the window of %u sends in flight is too small", plan.window);
  group->sentAt[group->sent % plan.window] = dueAt;
  group->sent++;
  writeConn(conn, blob.bytes, blob.length);
}

static void dispatchHttp(Conn *conn, uint32_t group, uint64_t dueAt) {
  conn->isBusy = true;
  dispatch(conn, group, dueAt);
}

/** Sends to the group: its members take turns, or any HTTP connection that is free. */
void sendTo(uint32_t index, uint64_t dueAt) {
  Group *group = &plan.groups[index];
  if (group->sent - group->done >= plan.window - 1) {
    skipped++;
    return;
  }
  if (plan.httpConns == 0) dispatch(&plan.conns[group->first + group->sent % group->members], index, dueAt);
  else if (freeCount > 0) dispatchHttp(freeHttp[--freeCount], index, dueAt);
  else if ((uint16_t)(queueTail - queueHead) == 65535) skipped++;
  else queue[queueTail++ & 65535] = (Waiting){index, dueAt};
}

static uint32_t takeTurn(void) {
  uint32_t group = nextGroup;
  nextGroup = (nextGroup + 1) % plan.groupCount;
  return group;
}

void onReady(Conn *conn) {
  readyCount++;
  if (conn->state == HTTP) freeHttp[freeCount++] = conn;
  if (!isConnecting) return;
  count.connects++;
  closeConn(conn);
  if (phase == RUNNING) openConn(conn);
}

static void complete(uint32_t index) {
  count.sends++;
  if (phase == RUNNING && options.isClosedLoop && plan.httpConns == 0) sendTo(index, nowNs());
}

void onMessages(Conn *conn, uint64_t got) {
  Group *group = &plan.groups[conn->group];
  uint64_t now = nowNs();
  if (got > group->sent) die("more arrived than was sent");
  count.deliveries += got - conn->got;
  bool isSampled = isMeasuring && (uint32_t)(conn - plan.conns) % plan.sampleEvery == 0;
  for (uint64_t n = conn->got; isSampled && n < got; n++) addLatency(now - group->sentAt[n % plan.window]);
  group->count[conn->got % plan.window]--;
  group->count[got % plan.window]++;
  conn->got = got;
  while (group->done < group->sent && group->count[group->done % plan.window] == 0) {
    group->done++;
    complete(conn->group);
  }
  if (plan.ackEvery > 0 && conn->got - conn->acked >= plan.ackEvery) confirm(conn);
}

void onResponse(Conn *conn) {
  count.responses++;
  if (conn->status / 100 != 2) count.refused++;
  if (queueHead != queueTail) {
    Waiting next = queue[queueHead++ & 65535];
    dispatchHttp(conn, next.group, next.dueAt);
  } else if (phase == RUNNING && options.isClosedLoop) dispatchHttp(conn, takeTurn(), nowNs());
  else freeHttp[freeCount++] = conn;
}

/** What a reliable client does once a second, each at its own moment. */
static void tick(uint64_t now) {
  uint64_t slot = now / (second / 100);
  if (plan.ackEvery == 0 || slot == lastTick) return;
  lastTick = slot;
  for (uint64_t n = slot % 100; n < plan.memberCount; n += 100)
    if (plan.conns[n].got > plan.conns[n].acked) confirm(&plan.conns[n]);
}

bool isDrained(void) {
  for (uint32_t n = 0; n < plan.groupCount; n++)
    if (plan.groups[n].done < plan.groups[n].sent) return false;
  return queueHead == queueTail && freeCount == plan.httpConns;
}

static uint64_t missing(void) {
  uint64_t sum = 0;
  for (uint32_t n = 0; n < plan.memberCount; n++) sum += plan.groups[plan.conns[n].group].sent - plan.conns[n].got;
  return sum;
}

static void report(Snapshot from, Snapshot to) {
  printf("{\"seconds\":%.6f,\"sends\":%llu,\"deliveries\":%llu,\"responses\":%llu,\"refused\":%llu,\"connects\":%llu,"
         "\"serverCpu\":%.3f,\"loadCpu\":%.3f,\"p50\":%.4f,\"p99\":%.4f,\"p999\":%.4f,\"max\":%.4f,\"missing\":%llu,"
         "\"skipped\":%llu,\"stalledMs\":%.1f}\n",
         (double)(to.at - from.at) / 1e9, (unsigned long long)(to.sends - from.sends),
         (unsigned long long)(to.deliveries - from.deliveries), (unsigned long long)(to.responses - from.responses),
         (unsigned long long)(to.refused - from.refused), (unsigned long long)(to.connects - from.connects),
         to.serverCpu - from.serverCpu, to.loadCpu - from.loadCpu, latencyMs(0.5), latencyMs(0.99), latencyMs(0.999),
         latencyMs(1), isConnecting ? 0ull : (unsigned long long)missing(), (unsigned long long)skipped,
         (double)stalled / 1e6);
  fflush(stdout);
}

static void start(uint64_t now) {
  for (uint32_t g = 0; options.isClosedLoop && plan.httpConns == 0 && g < plan.groupCount; g++)
    for (uint32_t n = 0; n < options.inFlight; n++) sendTo(g, now);
  while (options.isClosedLoop && freeCount > 0) dispatchHttp(freeHttp[--freeCount], takeTurn(), now);
}

/** Open loop: sends all that is due; returns when the next is. */
static uint64_t pace(uint64_t startedAt, uint64_t *index, uint64_t until) {
  for (;;) {
    uint64_t dueAt = startedAt + (uint64_t)((double)*index * 1e9 / options.rate);
    if (dueAt > nowNs() || dueAt >= until) return dueAt;
    sendTo(takeTurn(), dueAt);
    ++*index;
  }
}

static void pumpUntil(uint64_t startedAt, uint64_t *index, uint64_t until) {
  for (uint64_t now = nowNs(); now < until; now = nowNs()) {
    uint64_t next = until;
    if (!options.isClosedLoop && !isConnecting) next = pace(startedAt, index, until);
    uint64_t latest = plan.ackEvery > 0 ? now + second / 100 : until;
    if (next > latest) next = latest;
    if (next > until) next = until;
    pump(next);
    uint64_t woken = nowNs();
    if (isMeasuring && woken > next && woken - next > stalled) stalled = woken - next;
    tick(woken);
  }
}

static void drain(void) {
  phase = DRAINING;
  for (uint64_t until = nowNs() + DRAIN_SECONDS * second; !isDrained() && nowNs() < until; tick(nowNs()))
    pump(nowNs() + second / 100);
}

static void measure(void) {
  uint64_t index = 0, startedAt = nowNs(), warmUntil = startedAt + options.warmMs * (second / 1000);
  pumpUntil(startedAt, &index, warmUntil);
  clearLatencies();
  stalled = 0;
  Snapshot from = snapshot();
  isMeasuring = true;
  pumpUntil(startedAt, &index, from.at + options.measureMs * (second / 1000));
  isMeasuring = false;
  Snapshot to = snapshot();
  if (!isConnecting) drain();
  phase = IDLE;
  report(from, to);
}

void run(RunOptions wanted) {
  options = wanted;
  phase = RUNNING;
  skipped = 0;
  start(nowNs());
  measure();
}

/** Opens and closes connections without pause, `inFlight` at a time. */
void runConnects(RunOptions wanted) {
  options = wanted;
  phase = RUNNING;
  isConnecting = true;
  for (uint32_t n = 0; n < options.inFlight && n < plan.memberCount; n++) openConn(&plan.conns[n]);
  measure();
  for (uint32_t n = 0; n < plan.connCount; n++)
    if (plan.conns[n].fd >= 0) closeConn(&plan.conns[n]);
  isConnecting = false;
}



/** Opens every connection of the plan, at most 200 on their way at a time. */
void openAll(void) {
  uint64_t startedAt = nowNs();
  freeHttp = calloc(plan.httpConns + 1, sizeof *freeHttp);
  if (!freeHttp) die("out of memory");
  for (uint32_t opened = 0; readyCount < plan.connCount;) {
    while (opened < plan.connCount && opened - readyCount < OPENING) openConn(&plan.conns[opened++]);
    if (nowNs() - startedAt > 60 * second) die("%llu of %u connections were ready after a minute",
                                               (unsigned long long)readyCount, plan.connCount);
    pump(nowNs() + second);
  }
  printf("{\"opened\":%llu,\"seconds\":%.3f}\n", (unsigned long long)readyCount, (double)(nowNs() - startedAt) / 1e9);
  fflush(stdout);
}

/* Reads the plan that `plan.ts` wrote: little-endian 32-bit numbers, and blobs with their length in front. */
#include "load.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

Plan plan;

static const uint8_t *at, *end;

static uint32_t number(void) {
  if (end - at < 4) die("the plan is cut off");
  uint32_t value = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
  at += 4;
  return value;
}

static void *zeroed(size_t count, size_t size) {
  void *memory = calloc(count ? count : 1, size);
  if (!memory) die("out of memory");
  return memory;
}

static void readBlobs(void) {
  plan.blobCount = number();
  plan.blobs = zeroed(plan.blobCount, sizeof(Blob));
  for (uint32_t n = 0; n < plan.blobCount; n++) {
    uint32_t length = number();
    if ((size_t)(end - at) < length) die("the plan is cut off");
    plan.blobs[n] = (Blob){length, at};
    at += length;
  }
}

static void readSteps(void) {
  plan.stepCount = number();
  plan.steps = zeroed(plan.stepCount, sizeof(Step));
  for (uint32_t n = 0; n < plan.stepCount; n++) {
    plan.steps[n].send = number();
    plan.steps[n].wait = number();
  }
}

static void readGroups(void) {
  plan.groupCount = number();
  plan.groups = zeroed(plan.groupCount, sizeof(Group));
  for (uint32_t n = 0; n < plan.groupCount; n++) {
    Group *group = &plan.groups[n];
    *group = (Group){.first = plan.memberCount, .members = number(), .firstBlob = number(), .blobs = number()};
    group->count = zeroed(plan.window, sizeof(uint32_t));
    group->sentAt = zeroed(plan.window, sizeof(uint64_t));
    group->count[0] = group->members;
    plan.memberCount += group->members;
  }
}

static void readConns(void) {
  plan.connCount = plan.memberCount + plan.httpConns;
  plan.conns = zeroed(plan.connCount, sizeof(Conn));
  for (uint32_t g = 0; g < plan.groupCount; g++)
    for (uint32_t m = 0; m < plan.groups[g].members; m++) {
      Conn *conn = &plan.conns[plan.groups[g].first + m];
      *conn = (Conn){.fd = -1, .group = g, .firstStep = number(), .steps = number()};
    }
  for (uint32_t n = plan.memberCount; n < plan.connCount; n++) plan.conns[n] = (Conn){.fd = -1};
}

void readPlan(const char *path) {
  int fd = open(path, O_RDONLY);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) < 0) die("cannot read the plan %s", path);
  at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (at == MAP_FAILED) die("cannot map the plan");
  end = at + status.st_size;
  close(fd);
  plan.port = number();
  plan.ackEvery = number();
  plan.httpConns = number();
  plan.window = number();
  plan.sampleEvery = number();
  plan.messageBytes = number();
  readBlobs();
  readSteps();
  readGroups();
  readConns();
}

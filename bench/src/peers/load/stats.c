/* Latencies in a histogram of 1/32 relative width, and CPU times. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SUB = 32, SUB_BITS = 5 };

static uint64_t buckets[64 * SUB], total;

void clearLatencies(void) {
  memset(buckets, 0, sizeof buckets);
  total = 0;
}

static uint32_t bucketOf(uint64_t ns) {
  if (ns < SUB) return (uint32_t)ns;
  uint32_t shift = 63 - (uint32_t)__builtin_clzll(ns) - SUB_BITS;
  return (shift + 1) * SUB + (uint32_t)(ns >> shift) - SUB;
}

/** The upper end of a bucket. */
static double valueOf(uint32_t bucket) {
  if (bucket < SUB) return bucket;
  uint32_t shift = bucket / SUB - 1;
  return (double)((uint64_t)(bucket % SUB + SUB + 1) << shift);
}

void addLatency(uint64_t ns) {
  buckets[bucketOf(ns)]++;
  total++;
}

double latencyMs(double share) {
  uint64_t seen = 0, wanted = (uint64_t)((double)total * share);
  for (uint32_t n = 0; n < 64 * SUB; n++) {
    seen += buckets[n];
    if (seen > wanted || (seen == total && total > 0)) return valueOf(n) / 1e6;
  }
  return 0;
}

/** User and system time of the processes, with all their threads, in seconds. */
double treeCpuSeconds(const char *pids) {
  double seconds = 0;
  for (const char *at = pids; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
    char path[64], line[1024] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", atoi(at));
    FILE *file = fopen(path, "r");
    if (!file) die("process %d of the server is gone", atoi(at));
    if (!fgets(line, sizeof line, file)) die("cannot read %s", path);
    fclose(file);
    unsigned long user = 0, system = 0;
    const char *fields = strrchr(line, ')');
    if (!fields || sscanf(fields, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
      die("cannot read %s", path);
    seconds += (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
  }
  return seconds;
}

double ownCpuSeconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

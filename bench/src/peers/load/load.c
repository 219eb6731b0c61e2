/*
 * The load generator: opens the connections of a plan and runs loops over them, as lines on its standard input say. Each
 * answer is one line of JSON. It counts the frames that arrive by hopping over their heads; it never looks into a payload.
 *
 *   open                                      opens all connections of the plan
 *   calibrate                                 sends one message to the first group and tells what its first member got
 *   closed <inFlight> <warmMs> <ms> <pids>    closed loop, so many sends in flight in each group
 *   paced <rate> <warmMs> <ms> <pids>         open loop, sends a second
 *   connect <inFlight> <warmMs> <ms> <pids>   opens and closes connections instead
 */
#include "load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

void die(const char *format, ...) {
  va_list rest;
  va_start(rest, format);
  fputs("load: ", stderr);
  vfprintf(stderr, format, rest);
  fputc('\n', stderr);
  va_end(rest);
  exit(1);
}

uint64_t nowNs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}



/** Waits for the one message to arrive at all members. */
static void calibrate(void) {
  Conn *first = &plan.conns[0];
  captured = first;
  captureLength = 0;
  sendTo(0, nowNs());
  for (uint64_t until = nowNs() + 5000000000u; !isDrained();) {
    if (nowNs() > until) die("the calibration message did not arrive; got %.*s", (int)captureLength, capture);
    pump(until);
  }
  captured = NULL;
  fputs("{\"hex\":\"", stdout);
  for (uint32_t n = 0; n < captureLength; n++) printf("%02x", capture[n]);
  fputs("\"}\n", stdout);
  fflush(stdout);
}

static void takeLine(char *line) {
  char verb[16] = "";
  static char pids[1 << 13];
  double amount = 0;
  RunOptions options = {.pids = pids};
  sscanf(line, "%15s %lf %u %u %8191s", verb, &amount, &options.warmMs, &options.measureMs, pids);
  options.isClosedLoop = strcmp(verb, "closed") == 0;
  options.inFlight = (uint32_t)amount;
  options.rate = amount;
  if (strcmp(verb, "open") == 0) openAll();
  else if (strcmp(verb, "calibrate") == 0) calibrate();
  else if (strcmp(verb, "connect") == 0) runConnects(options);
  else if (options.isClosedLoop || strcmp(verb, "paced") == 0) run(options);
  else die("unknown command: %s", line);
}

int main(int count, char **arguments) {
  if (count != 2) die("usage: load <plan>");
  prctl(PR_SET_TIMERSLACK, 1000);
  readPlan(arguments[1]);
  startEpoll();
  watchCommands(takeLine);
  for (;;) pump(nowNs() + 10000000u);
}

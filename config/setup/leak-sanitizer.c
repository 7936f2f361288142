// Says at the end of a process whether clients of librdkafka are left. LeakSanitizer doesn't: their threads still hold them.
// Loaded beside librdkafka (LD_PRELOAD); sanitize.sh builds it, and collects what it writes.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((destructor)) static void look(void) {
  int (*const count)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "rd_kafka_thread_cnt");
  const char *const folder = getenv("MILLRACE_SANITIZER_REPORTS");
  const int threads = count ? count() : 0;
  if (!folder || threads == 0) return;
  char path[4096];
  snprintf(path, sizeof path, "%s/clients.%d", folder, (int)getpid());
  FILE *const file = fopen(path, "w");
  if (!file) return;
  fprintf(file, "SUMMARY: Kafka clients were not closed: %d threads of librdkafka are left\n", threads);
  fclose(file);
}

// Says at the end of a process which clients of librdkafka nobody has closed. LeakSanitizer doesn't: their threads still hold them. A
// consumer that was closed and is left to librdkafka, because destroying it would hang or abort (KafkaConsumer.close), is none of them,
// and no leak either: it stays in the table here.
// Loaded before librdkafka (LD_PRELOAD); sanitize.sh builds it, and collects what it writes.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { most = 65536 };
static struct {
  void *handle;
  char name[64];  // empty once it is being closed
} clients[most];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void change(void *handle, void *into, const char *name) {
  pthread_mutex_lock(&lock);
  for (int i = 0; i < most; i++) {
    if (clients[i].handle != handle) continue;
    clients[i].handle = into;
    snprintf(clients[i].name, sizeof clients[i].name, "%s", name);
    break;
  }
  pthread_mutex_unlock(&lock);
}

void *rd_kafka_new(int type, void *configuration, char *text, size_t size) {
  void *(*const make)(int, void *, char *, size_t) = dlsym(RTLD_NEXT, "rd_kafka_new");
  const char *(*const name)(const void *) = dlsym(RTLD_NEXT, "rd_kafka_name");
  void *const handle = make(type, configuration, text, size);
  if (handle) change(NULL, handle, name(handle));
  return handle;
}

void rd_kafka_destroy(void *handle) {
  void (*const destroy)(void *) = dlsym(RTLD_NEXT, "rd_kafka_destroy");
  change(handle, NULL, "");
  destroy(handle);
}

void *rd_kafka_consumer_close_queue(void *handle, void *queue) {
  void *(*const close)(void *, void *) = dlsym(RTLD_NEXT, "rd_kafka_consumer_close_queue");
  change(handle, handle, "");
  return close(handle, queue);
}

__attribute__((destructor)) static void report(void) {
  const char *const folder = getenv("MILLRACE_SANITIZER_REPORTS");
  char path[4096];
  if (!folder || snprintf(path, sizeof path, "%s/clients.%d", folder, (int)getpid()) >= (int)sizeof path) return;
  FILE *file = NULL;
  for (int i = 0; i < most; i++) {
    if (!clients[i].name[0] || !(file = file ? file : fopen(path, "w"))) continue;
    fprintf(file, "SUMMARY: the Kafka client %s was not closed\n", clients[i].name);
  }
  if (file) fclose(file);
}

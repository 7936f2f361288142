// Shows ThreadSanitizer what its own interceptors don't see: C11's threads and locks, which librdkafka uses, and the part of Swift's Mutex
// that lies in Swift's library. Loaded before the other libraries (LD_PRELOAD); sanitize.sh builds it. Each function does what the one of
// the same name does.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

// Programs without the sanitizer, such as kcat, are started with this library, too.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

static void acquire(void *address) {
  if (__tsan_acquire) __tsan_acquire(address);
}

static void release(void *address) {
  if (__tsan_release) __tsan_release(address);
}

// C11's threads by the POSIX ones, as in glibc, where a mtx_t is a pthread_mutex_t and a cnd_t a pthread_cond_t.
static int result(int error) { return error == 0 ? thrd_success : error == ETIMEDOUT ? thrd_timedout : error == EBUSY ? thrd_busy : thrd_error; }

typedef struct {
  thrd_start_t body;
  void *argument;
} start_t;

static void *run(void *memory) {
  const start_t start = *(start_t *)memory;
  free(memory);
  return (void *)(intptr_t)start.body(start.argument);
}

int thrd_create(thrd_t *thread, thrd_start_t body, void *argument) {
  start_t *start = malloc(sizeof *start);
  if (!start) return thrd_nomem;
  *start = (start_t){body, argument};
  const int error = pthread_create(thread, NULL, run, start);
  if (error) free(start);
  return result(error);
}

int thrd_join(thrd_t thread, int *answer) {
  void *value;
  const int error = pthread_join(thread, &value);
  if (!error && answer) *answer = (int)(intptr_t)value;
  return result(error);
}

int thrd_detach(thrd_t thread) { return result(pthread_detach(thread)); }

static pthread_mutex_t *mutex(mtx_t *lock) { return (pthread_mutex_t *)lock; }
static pthread_cond_t *condition(cnd_t *signal) { return (pthread_cond_t *)signal; }

int mtx_init(mtx_t *lock, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if (type & mtx_recursive) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  return result(pthread_mutex_init(mutex(lock), &attributes));
}

int mtx_lock(mtx_t *lock) { return result(pthread_mutex_lock(mutex(lock))); }
int mtx_trylock(mtx_t *lock) { return result(pthread_mutex_trylock(mutex(lock))); }
int mtx_unlock(mtx_t *lock) { return result(pthread_mutex_unlock(mutex(lock))); }
void mtx_destroy(mtx_t *lock) { pthread_mutex_destroy(mutex(lock)); }

int cnd_init(cnd_t *signal) { return result(pthread_cond_init(condition(signal), NULL)); }
int cnd_signal(cnd_t *signal) { return result(pthread_cond_signal(condition(signal))); }
int cnd_broadcast(cnd_t *signal) { return result(pthread_cond_broadcast(condition(signal))); }
int cnd_wait(cnd_t *signal, mtx_t *lock) { return result(pthread_cond_wait(condition(signal), mutex(lock))); }
int cnd_timedwait(cnd_t *signal, mtx_t *lock, const struct timespec *end) {
  return result(pthread_cond_timedwait(condition(signal), mutex(lock), end));
}
void cnd_destroy(cnd_t *signal) { pthread_cond_destroy(condition(signal)); }

void call_once(once_flag *flag, void (*body)(void)) { pthread_once((pthread_once_t *)flag, body); }

// Synchronization.Mutex: what it does itself, without waiting, is compiled into its users, and seen.
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK_SLOW "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define swiftcall __attribute__((swiftcall))
#define context __attribute__((swift_context))

typedef swiftcall void lock_t(uint32_t thread, context void *mutex);
typedef swiftcall bool try_lock_t(context void *mutex);
typedef swiftcall void unlock_t(context void *mutex);

swiftcall void lock_slow(uint32_t thread, context void *mutex) __asm__(LOCK_SLOW);
swiftcall bool try_lock_slow(context void *mutex) __asm__(TRY_LOCK_SLOW);
swiftcall void unlock_slow(context void *mutex) __asm__(UNLOCK_SLOW);

swiftcall void lock_slow(uint32_t thread, context void *mutex) {
  ((lock_t *)dlsym(RTLD_NEXT, LOCK_SLOW))(thread, mutex);
  acquire(mutex);
}

swiftcall bool try_lock_slow(context void *mutex) {
  const bool isLocked = ((try_lock_t *)dlsym(RTLD_NEXT, TRY_LOCK_SLOW))(mutex);
  if (isLocked) acquire(mutex);
  return isLocked;
}

swiftcall void unlock_slow(context void *mutex) {
  release(mutex);
  ((unlock_t *)dlsym(RTLD_NEXT, UNLOCK_SLOW))(mutex);
}

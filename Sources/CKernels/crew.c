#include "ckernels.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

// How long a thread looks for what it waits for before it sleeps, in nanoseconds: longer than the gap between two layers
// of a pass, and than a piece of work of one token.
enum { PATIENCE = 50000 };

// What the threads agree on is one word, so that joining a round, leaving it and closing it are one step each, and nobody
// who is awake waits for a lock: the round in the upper half, below it whether the round is open, and how many workers
// are in it.
#define ROUND (1ull << 32)
#define OPEN (1ull << 31)
#define BUSY (OPEN - 1)

struct plumb_crew {
  _Atomic unsigned long long state;
  // How many workers sleep until the next round, and whether the caller sleeps until the last one leaves. Who goes to sleep
  // says so here and then looks at the state once more; who changes the state then looks here. The atomics have one order,
  // so that one of the two sees what the other did. The lock makes the look and the sleep one step.
  atomic_int sleepers, waits;
  pthread_mutex_t lock;
  pthread_cond_t work, done;
  // Those of a round change only while it is closed and nobody is in it.
  int ended;
  long items;
  void *context;
  void (*body)(void *context, long item, int worker);
  int size;
  struct member {
    struct plumb_crew *crew;
    pthread_t thread;
    int worker;
    // The next of the items that are this worker's before they are anybody's.
    atomic_long next;
    // What the worker will read first in a later round, as the caller said before this one; and what of that it has not
    // yet asked memory for, which is the worker's own.
    struct bytes { uintptr_t start, end; } expected, ahead;
  } members[];
};

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// A moment of waiting: memory, which may have nothing to do, is asked for what comes next, a little at a time.
static void wait_briefly(struct member *member) {
  struct bytes *ahead = &member->ahead;
  if (ahead->start >= ahead->end) {
    pause_briefly();
    return;
  }
  // Into the second-level cache, from which the kernels ask for it again.
  for (int line = 0; line < 8; line++) {
    __builtin_prefetch((const void *)(ahead->start + 64 * (uintptr_t)line), 0, 2);
  }
  ahead->start += 512;
}

static long nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

// The first of the items of `worker`; those of the next one begin where its own end.
long plumb_crew_first_item(const struct plumb_crew *crew, long items, int worker) { return items * worker / crew->size; }

// Each worker has a run of items that follow one another, so that what one reads ahead is what it needs next. When it is
// through with them it takes from the others', so that nobody waits for a thread that the system has taken away.
static void take_items(struct plumb_crew *crew, int worker) {
  for (int turn = 0; turn < crew->size; turn++) {
    int owner = (worker + turn) % crew->size;
    long end = plumb_crew_first_item(crew, crew->items, owner + 1);
    for (long item; (item = atomic_fetch_add(&crew->members[owner].next, 1)) < end;) {
      crew->body(crew->context, item, worker);
    }
  }
}

// The state of a round other than `seen`.
static unsigned long long next_round(struct plumb_crew *crew, struct member *member, unsigned long long seen) {
  for (long start = nanoseconds(); nanoseconds() - start < PATIENCE; wait_briefly(member)) {
    unsigned long long state = atomic_load(&crew->state);
    if (state / ROUND != seen) return state;
  }
  pthread_mutex_lock(&crew->lock);
  atomic_fetch_add(&crew->sleepers, 1);
  while (atomic_load(&crew->state) / ROUND == seen) pthread_cond_wait(&crew->work, &crew->lock);
  atomic_fetch_sub(&crew->sleepers, 1);
  pthread_mutex_unlock(&crew->lock);
  return atomic_load(&crew->state);
}

// A worker joins a round while it is open, and the caller waits only for those who joined: one that the system has not
// woken yet is not waited for.
static void *live(void *argument) {
  struct member *member = argument;
  struct plumb_crew *crew = member->crew;
  unsigned long long seen = 0;
  for (;;) {
    unsigned long long state = next_round(crew, member, seen);
    // A failed exchange reads the state anew: others joined or left, or the round was closed, or the next one began.
    int joined = 0;
    while (state & OPEN && !(joined = atomic_compare_exchange_weak(&crew->state, &state, state + 1))) {}
    seen = state / ROUND;
    if (!joined) continue;
    if (crew->ended) return 0;
    take_items(crew, member->worker);
    member->ahead = member->expected;
    state = atomic_fetch_sub(&crew->state, 1);
    if ((state & BUSY) == 1 && atomic_load(&crew->waits)) {
      pthread_mutex_lock(&crew->lock);
      pthread_cond_signal(&crew->done);
      pthread_mutex_unlock(&crew->lock);
    }
  }
}

struct plumb_crew *plumb_crew_create(int threads) {
  if (threads < 1) threads = 1;
  struct plumb_crew *crew = calloc(1, sizeof(*crew) + (size_t)threads * sizeof(struct member));
  if (!crew) abort();
  pthread_mutex_init(&crew->lock, 0);
  pthread_cond_init(&crew->work, 0);
  pthread_cond_init(&crew->done, 0);
  crew->size = 1;
  for (int worker = 1; worker < threads; worker++) {
    struct member *member = &crew->members[worker];
    member->crew = crew;
    member->worker = worker;
    if (pthread_create(&member->thread, 0, live, member)) break;
    crew->size = worker + 1;
  }
  return crew;
}

int plumb_crew_size(const struct plumb_crew *crew) { return crew->size; }

// Opens the next round; nobody is in the last one, and it is closed.
static void begin_round(struct plumb_crew *crew) {
  atomic_store(&crew->state, (atomic_load(&crew->state) / ROUND + 1) * ROUND | OPEN);
  if (!atomic_load(&crew->sleepers)) return;
  pthread_mutex_lock(&crew->lock);
  pthread_cond_broadcast(&crew->work);
  pthread_mutex_unlock(&crew->lock);
}

// Closes the round, and waits for those who are in it.
static void end_round(struct plumb_crew *crew) {
  atomic_fetch_and(&crew->state, ~OPEN);
  for (long start = nanoseconds(); nanoseconds() - start < PATIENCE; wait_briefly(&crew->members[0])) {
    if (!(atomic_load(&crew->state) & BUSY)) return;
  }
  pthread_mutex_lock(&crew->lock);
  atomic_store(&crew->waits, 1);
  while (atomic_load(&crew->state) & BUSY) pthread_cond_wait(&crew->done, &crew->lock);
  atomic_store(&crew->waits, 0);
  pthread_mutex_unlock(&crew->lock);
}

void plumb_crew_run(struct plumb_crew *crew, long items, void *context,
                    void (*body)(void *context, long item, int worker)) {
  if (crew->size == 1 || items < 2) {
    for (long item = 0; item < items; item++) body(context, item, 0);
    return;
  }
  crew->items = items;
  crew->context = context;
  crew->body = body;
  for (int worker = 0; worker < crew->size; worker++) {
    atomic_store(&crew->members[worker].next, plumb_crew_first_item(crew, items, worker));
  }
  begin_round(crew);
  take_items(crew, 0);
  crew->members[0].ahead = crew->members[0].expected;
  end_round(crew);
}

void plumb_crew_expect(struct plumb_crew *crew, int worker, const void *start, long bytes) {
  crew->members[worker].expected = (struct bytes){(uintptr_t)start, (uintptr_t)start + (uintptr_t)bytes};
}

void plumb_crew_destroy(struct plumb_crew *crew) {
  crew->ended = 1;
  begin_round(crew);
  for (int worker = 1; worker < crew->size; worker++) pthread_join(crew->members[worker].thread, 0);
  pthread_cond_destroy(&crew->work);
  pthread_cond_destroy(&crew->done);
  pthread_mutex_destroy(&crew->lock);
  free(crew);
}

#include "ckernels.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

// How often a worker looks for new work before it sleeps: some ten microseconds, the gap between two layers of a pass.
enum { LOOKS = 4000 };

struct plumb_crew {
  pthread_mutex_t lock;
  pthread_cond_t work, done;
  atomic_long next, items;
  atomic_uint round;
  atomic_int busy;
  int sleepers, waiting, ended;
  void *context;
  void (*body)(void *context, long item, int worker);
  int size;
  struct member {
    struct plumb_crew *crew;
    pthread_t thread;
    int worker;
  } members[];
};

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void take_items(struct plumb_crew *crew, int worker) {
  long items = atomic_load(&crew->items);
  for (long item; (item = atomic_fetch_add(&crew->next, 1)) < items;) crew->body(crew->context, item, worker);
}

// A round begins when `round` changes, which happens last, and ends for the caller when `busy` is 0; so what the caller
// wrote before is seen by the workers, and what they wrote is seen by the caller.
static void *live(void *argument) {
  struct member *member = argument;
  struct plumb_crew *crew = member->crew;
  unsigned seen = 0;
  for (;;) {
    for (int look = 0; look < LOOKS && atomic_load(&crew->round) == seen; look++) pause_briefly();
    pthread_mutex_lock(&crew->lock);
    crew->sleepers++;
    while (atomic_load(&crew->round) == seen) pthread_cond_wait(&crew->work, &crew->lock);
    crew->sleepers--;
    int ended = crew->ended;
    pthread_mutex_unlock(&crew->lock);
    if (ended) return 0;
    seen = atomic_load(&crew->round);
    take_items(crew, member->worker);
    if (atomic_fetch_sub(&crew->busy, 1) == 1) {
      pthread_mutex_lock(&crew->lock);
      if (crew->waiting) pthread_cond_signal(&crew->done);
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
    *member = (struct member){.crew = crew, .worker = worker};
    if (pthread_create(&member->thread, 0, live, member)) break;
    crew->size = worker + 1;
  }
  return crew;
}

int plumb_crew_size(const struct plumb_crew *crew) { return crew->size; }

// Every worker takes part in every round, even if only to find nothing left: so none can be late into the next one.
static void begin_round(struct plumb_crew *crew, int ended) {
  atomic_store(&crew->busy, crew->size - 1);
  pthread_mutex_lock(&crew->lock);
  crew->ended = ended;
  atomic_fetch_add(&crew->round, 1);
  if (crew->sleepers) pthread_cond_broadcast(&crew->work);
  pthread_mutex_unlock(&crew->lock);
}

void plumb_crew_run(struct plumb_crew *crew, long items, void *context,
                    void (*body)(void *context, long item, int worker)) {
  if (crew->size == 1 || items < 2) {
    for (long item = 0; item < items; item++) body(context, item, 0);
    return;
  }
  crew->context = context;
  crew->body = body;
  atomic_store(&crew->items, items);
  atomic_store(&crew->next, 0);
  begin_round(crew, 0);
  take_items(crew, 0);
  for (int look = 0; look < LOOKS && atomic_load(&crew->busy); look++) pause_briefly();
  pthread_mutex_lock(&crew->lock);
  crew->waiting = 1;
  while (atomic_load(&crew->busy)) pthread_cond_wait(&crew->done, &crew->lock);
  crew->waiting = 0;
  pthread_mutex_unlock(&crew->lock);
}

void plumb_crew_destroy(struct plumb_crew *crew) {
  begin_round(crew, 1);
  for (int worker = 1; worker < crew->size; worker++) pthread_join(crew->members[worker].thread, 0);
  pthread_cond_destroy(&crew->work);
  pthread_cond_destroy(&crew->done);
  pthread_mutex_destroy(&crew->lock);
  free(crew);
}

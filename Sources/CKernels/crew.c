#include "ckernels.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

// How often a thread looks for what it waits for before it sleeps: some ten microseconds, the gap between two layers of
// a pass.
enum { LOOKS = 1000 };

struct plumb_crew {
  pthread_mutex_t lock;
  pthread_cond_t work, done;
  // Written under the lock, and looked at without it by those who spin.
  atomic_uint round;
  atomic_int busy;
  // All below are guarded by the lock, or constant. Those of a round change only while it is closed and nobody is busy.
  int open, sleepers, ended;
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
  } members[];
};

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// The first of the items of `worker`; those of the next one begin where its own end.
static long first_item(const struct plumb_crew *crew, int worker) { return crew->items * worker / crew->size; }

// Each worker has a run of items that follow one another, so that what one reads ahead is what it needs next. When it is
// through with them it takes from the others', so that nobody waits for a thread that the system has taken away.
static void take_items(struct plumb_crew *crew, int worker) {
  for (int turn = 0; turn < crew->size; turn++) {
    int owner = (worker + turn) % crew->size;
    long end = first_item(crew, owner + 1);
    for (long item; (item = atomic_fetch_add(&crew->members[owner].next, 1)) < end;) {
      crew->body(crew->context, item, worker);
    }
  }
}

// A worker joins a round while it is open, and the caller waits only for those who joined: one that the system has not
// woken yet is not waited for. The lock orders what one writes before what another reads.
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
    seen = atomic_load(&crew->round);
    int ended = crew->ended, joins = crew->open;
    if (joins) atomic_fetch_add(&crew->busy, 1);
    pthread_mutex_unlock(&crew->lock);
    if (ended) return 0;
    if (!joins) continue;
    take_items(crew, member->worker);
    pthread_mutex_lock(&crew->lock);
    if (atomic_fetch_sub(&crew->busy, 1) == 1) pthread_cond_signal(&crew->done);
    pthread_mutex_unlock(&crew->lock);
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

static void begin_round(struct plumb_crew *crew) {
  atomic_fetch_add(&crew->round, 1);
  if (crew->sleepers) pthread_cond_broadcast(&crew->work);
}

void plumb_crew_run(struct plumb_crew *crew, long items, void *context,
                    void (*body)(void *context, long item, int worker)) {
  if (crew->size == 1 || items < 2) {
    for (long item = 0; item < items; item++) body(context, item, 0);
    return;
  }
  pthread_mutex_lock(&crew->lock);
  crew->items = items;
  crew->context = context;
  crew->body = body;
  crew->open = 1;
  for (int worker = 0; worker < crew->size; worker++) {
    atomic_store(&crew->members[worker].next, first_item(crew, worker));
  }
  begin_round(crew);
  pthread_mutex_unlock(&crew->lock);
  take_items(crew, 0);
  for (int look = 0; look < LOOKS && atomic_load(&crew->busy); look++) pause_briefly();
  pthread_mutex_lock(&crew->lock);
  crew->open = 0;
  while (atomic_load(&crew->busy)) pthread_cond_wait(&crew->done, &crew->lock);
  pthread_mutex_unlock(&crew->lock);
}

void plumb_crew_destroy(struct plumb_crew *crew) {
  pthread_mutex_lock(&crew->lock);
  crew->ended = 1;
  begin_round(crew);
  pthread_mutex_unlock(&crew->lock);
  for (int worker = 1; worker < crew->size; worker++) pthread_join(crew->members[worker].thread, 0);
  pthread_cond_destroy(&crew->work);
  pthread_cond_destroy(&crew->done);
  pthread_mutex_destroy(&crew->lock);
  free(crew);
}

/* kuchi.h: mouth curves for live sound, from C. docs/capi.md has an example.
 *
 * A handle is one trained model at work on one clip of sound. One thread gives it samples, another
 * takes frames of curves; any function may be called from any thread at any time.
 *
 *   kuchi_push only copies: it waits at most for another thread's copy of samples on this handle,
 *   never for computing, and may allocate memory where more than a second is waiting. It may be
 *   called from an audio thread that forgives a lock held for microseconds.
 *   kuchi_pull computes, on the thread that calls it: a fraction of a millisecond to milliseconds a
 *   frame, by the model. kuchi_reset and another kuchi_pull on the same handle wait for it.
 *   kuchi_open reads files and takes a second or so. All others return at once.
 *
 * No function throws, prints or ends the process. What fails returns a status, and
 * kuchi_last_error() has a sentence. NULL, a handle that was closed, and numbers that are none are
 * such failures too. Memory does not grow while what is pushed is also pulled.
 *
 * LibTorch computes: its intra-op threads are the process's (see kuchi_options.threads). */
#ifndef KUCHI_H
#define KUCHI_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define KUCHI_API __attribute__((visibility("default")))
#else
#define KUCHI_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define KUCHI_RATE 16000 /* samples a second, mono, that kuchi_push takes */

/* As the program's exit codes. */
typedef enum kuchi_status {
  KUCHI_OK = 0,
  KUCHI_BUG = 1,         /* of Kuchi's; please report it */
  KUCHI_USAGE = 2,       /* arguments, or a model that cannot be used so */
  KUCHI_DATA = 3,        /* a run that is missing or broken, samples that are no numbers */
  KUCHI_ENVIRONMENT = 5, /* no memory, no such device */
} kuchi_status;

typedef struct kuchi_live kuchi_live; /* a handle; never points to anything */

/* kuchi_options o = {.size = sizeof o}; leaves all at their defaults, which are 0. Later versions
 * add fields at the end and know from `size` which ones a program was built with. */
typedef struct kuchi_options {
  size_t size;            /* sizeof(kuchi_options) */
  double fps;             /* frames a second; 0: the model's own */
  const char* weights;    /* of an lstm: "fp32" (NULL), or "bf16", "int8": less memory to read */
  const char* checkpoint; /* "best" (NULL), "last" or a step */
  const char* speaker;    /* who speaks, of those that the model learnt; NULL: not said */
  const char* style;      /* how, likewise */
  double intensity;       /* of the style; 0: not said, which is 1 */
  int32_t threads;        /* 0: left alone; else how many threads LibTorch's operators take from now
                             on, in the whole process: live use wants 1 (docs/capi.md) */
  int32_t reserved;       /* 0 */
} kuchi_options;

/* Loads a run (a folder that kuchi train made) whose head looks ahead by some frames only.
 * `options` may be NULL. On failure *handle is NULL. */
KUCHI_API kuchi_status kuchi_open(const char* run, const kuchi_options* options,
                                  kuchi_live** handle);
/* Frees it, once no other thread is inside a call on it. NULL is let through. */
KUCHI_API kuchi_status kuchi_close(kuchi_live* handle);

/* The samples that follow, -1 to 1. Where one is not finite, none is taken. */
KUCHI_API kuchi_status kuchi_push(kuchi_live* handle, const float* samples, size_t count);
/* No more will come: kuchi_pull then gives what is still owed. */
KUCHI_API kuchi_status kuchi_finish(kuchi_live* handle);

/* The frames that follow and can be known by now, at most `capacity`, each kuchi_curve_count()
 * floats: out[frame * count + curve]. Returns how many, or minus a status. Fewer than `capacity`:
 * nothing more could be known. *first_time_s (may be NULL) is the time of the first one, in seconds
 * since the clip began. */
KUCHI_API int64_t kuchi_pull(kuchi_live* handle, float* out, size_t capacity, double* first_time_s);
/* 1 once kuchi_finish was called and the last frame was pulled; else 0, of a closed handle too. */
KUCHI_API int kuchi_done(kuchi_live* handle);
/* Begins another clip; what was pushed or owed is dropped. */
KUCHI_API kuchi_status kuchi_reset(kuchi_live* handle);

/* What comes out. A name lives as long as its handle. Failures: 0, NULL, a status, 0, -1. */
KUCHI_API size_t kuchi_curve_count(kuchi_live* handle);
KUCHI_API const char* kuchi_curve_name(kuchi_live* handle, size_t curve);
KUCHI_API kuchi_status kuchi_curve_range(kuchi_live* handle, size_t curve, float* low, float* high);
KUCHI_API double kuchi_fps(kuchi_live* handle);
/* A frame can be pulled once so much sound after its own time was pushed, in seconds, at most. */
KUCHI_API double kuchi_delay_s(kuchi_live* handle);

/* The last failure on a handle, of any thread; or, for NULL or a closed handle, of any function on
 * this thread. "" for none. The text stays until this thread calls kuchi_last_error again. */
KUCHI_API const char* kuchi_last_error(kuchi_live* handle);
KUCHI_API const char* kuchi_version(void); /* "0.1.0" */

#ifdef __cplusplus
}
#endif

#endif

/* Mouth curves while the sound comes in:
 *   live RUN [FPS] < speech.s16le      s16le, 16 kHz, mono
 * A line of names, then a line a frame: its time and its curves. As in an engine, one thread has
 * the sound (here: standard input) and pushes it, another wants frames and pulls them. */
#define _POSIX_C_SOURCE 200809L /* nanosleep */
#include <kuchi.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { AT_ONCE = 16 }; /* frames */

/* The audio thread: pushes what comes in, then says that it was all. */
static void* listen_to_stdin(void* handle) {
  unsigned char bytes[2 * 160]; /* 10 ms */
  float samples[160];
  size_t count;
  int failed = 0;
  while ((count = fread(bytes, 2, 160, stdin)) > 0) {
    for (size_t i = 0; i < count; ++i) {
      const int value = bytes[2 * i] | bytes[2 * i + 1] << 8;
      samples[i] = (float)(value < 32768 ? value : value - 65536) / 32768.0F;
    }
    if (kuchi_push(handle, samples, count) != KUCHI_OK) {
      fprintf(stderr, "%s\n", kuchi_last_error(NULL));
      failed = 1;
      break;
    }
  }
  kuchi_finish(handle);
  return failed ? handle : NULL; /* anything but NULL: not all was pushed */
}

/* The render thread: takes what can be known, sleeps a little where that is nothing. */
static int64_t print_frames(kuchi_live* handle) {
  const size_t curves = kuchi_curve_count(handle);
  float* frames = malloc(AT_ONCE * curves * sizeof *frames);
  const struct timespec little = {0, 2000000}; /* 2 ms */
  double first_s = 0;
  int64_t count = 0;
  if (frames == NULL) return -KUCHI_ENVIRONMENT;
  while (count >= 0 && !kuchi_done(handle)) {
    count = kuchi_pull(handle, frames, AT_ONCE, &first_s);
    for (int64_t i = 0; i < count; ++i) {
      printf("%.6f", first_s + (double)i / kuchi_fps(handle));
      for (size_t c = 0; c < curves; ++c) printf(",%.9g", frames[(size_t)i * curves + c]);
      printf("\n");
    }
    fflush(stdout);
    if (count < AT_ONCE) nanosleep(&little, NULL);
  }
  free(frames);
  return count;
}

int main(int argc, char** argv) {
  kuchi_options options = {.size = sizeof options};
  kuchi_live* handle = NULL;
  pthread_t listener;
  kuchi_status status;
  int64_t printed;
  void* not_all = NULL;
  if (argc < 2) {
    fprintf(stderr, "usage: live RUN [FPS] < speech.s16le\n");
    return KUCHI_USAGE;
  }
  options.fps = argc > 2 ? atof(argv[2]) : 0;
  options.threads = 1;
  status = kuchi_open(argv[1], &options, &handle);
  if (status != KUCHI_OK) {
    fprintf(stderr, "%s\n", kuchi_last_error(NULL));
    return (int)status;
  }
  fprintf(stderr, "kuchi %s: %g frames a second, %.0f ms after the sound\n", kuchi_version(),
          kuchi_fps(handle), 1000 * kuchi_delay_s(handle));
  printf("t");
  for (size_t c = 0; c < kuchi_curve_count(handle); ++c) {
    printf(",%s", kuchi_curve_name(handle, c));
  }
  printf("\n");
  if (pthread_create(&listener, NULL, listen_to_stdin, handle) != 0) return KUCHI_ENVIRONMENT;
  printed = print_frames(handle);
  if (printed < 0) { /* minus a status */
    fprintf(stderr, "%s\n", kuchi_last_error(handle));
    return (int)-printed;
  }
  pthread_join(listener, &not_all);
  kuchi_close(handle);
  return not_all == NULL ? 0 : KUCHI_DATA;
}

#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <sys/resource.h>
#include <time.h>
#include <vector>

inline double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// All threads of the process.
inline double process_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval &time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

inline double max_rss_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return double(usage.ru_maxrss) / 1024;
}

/// Where the loop's own thread spends its CPU time. Read once a stage and batch, so that the reading costs nothing a record.
class Stages {
public:
  enum Name { consume, decode, infer, publish, settle, count };
  static constexpr const char *names[count] = {"consume", "decode", "infer", "publish", "settle"};
  double seconds[count] = {};

  /// The time since the last call belongs to `name`.
  void close(Name name) {
    double now = thread_cpu_seconds();
    seconds[name] += now - last;
    last = now;
  }

  void reset() {
    std::fill(seconds, seconds + count, 0.0);
    last = thread_cpu_seconds();
  }

  double total() const {
    double sum = 0;
    for (double stage : seconds) sum += stage;
    return sum;
  }

private:
  double last = 0;

  static double thread_cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
  }
};

struct Percentile {
  const char *name;
  size_t per_ten_thousand;
};

inline constexpr Percentile percentiles[] = {{"p50", 5000},  {"p75", 7500},  {"p90", 9000},   {"p95", 9500}, {"p99", 9900},
                                             {"p995", 9950}, {"p999", 9990}, {"p9999", 9999}, {"max", 10000}};

/// Nearest rank; `ordered` is sorted and not empty.
inline double at(const std::vector<double> &ordered, Percentile percentile) {
  size_t rank = (ordered.size() * percentile.per_ten_thousand + 9'999) / 10'000;
  return ordered[rank > 0 ? rank - 1 : 0];
}

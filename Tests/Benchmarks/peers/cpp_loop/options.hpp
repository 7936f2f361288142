#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

struct Options {
  std::string workload, bootstrap, topic, output_topic, group, model, score = "probabilities[1]", library;
  std::vector<std::string> features;
  int64_t records = 0, warm_up = 0;
  int batch = 0, linger_ms = -1, prefetch_kib = 0;
  bool latency = false;
  double idle_timeout_s = 30;
};

[[noreturn]] inline void fail(const std::string &message, int status = 70) {
  std::fprintf(stderr, "cpp_loop: %s\n", message.c_str());
  std::_Exit(status);
}

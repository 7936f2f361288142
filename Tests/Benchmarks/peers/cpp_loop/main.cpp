// The loop as an engineer would write it by hand in C++, against the same libraries as Millrace: librdkafka, simdjson
// On-Demand, ONNX Runtime. One thread; at-least-once, by delivery reports counted a batch and commits behind them.
//
// Settings, each the best of those tried: batches of 256 (fraud), 64 (ffnn), 1024 (transport) of what is queued, never
// waiting to fill one; a prefetch of more than a second of work (librdkafka's default stalls a fast consumer), but no
// more (memory that is not used again costs page faults); ONNX Runtime with one thread and no spinning, into blocks
// that are reused; linger.ms 50 (1 with --latency), no compression.

#include "loop.hpp"

#include <cstring>
#include <fstream>
#include <simdjson.h>
#include <sstream>

namespace {

std::vector<std::string> feature_names(const std::string &text) {
  std::vector<std::string> names;
  if (text.ends_with(".json")) {
    simdjson::dom::parser parser;
    simdjson::dom::array features;
    if (parser.load(text)["features"].get(features)) fail(text + ": expected {\"features\": [...]}", 64);
    for (auto name : features) names.emplace_back(std::string_view(name));
  } else {
    std::stringstream stream(text);
    for (std::string name; std::getline(stream, name, ',');) names.push_back(name);
  }
  return names;
}

Options parse(int count, char **arguments) {
  Options options;
  for (int index = 1; index < count; index++) {
    std::string name = arguments[index];
    if (name == "--latency") {
      options.latency = true;
      continue;
    }
    if (index + 1 == count) fail(name + " needs a value", 64);
    std::string value = arguments[++index];
    if (name == "--workload") options.workload = value;
    else if (name == "--bootstrap") options.bootstrap = value;
    else if (name == "--topic") options.topic = value;
    else if (name == "--output-topic") options.output_topic = value;
    else if (name == "--group") options.group = value;
    else if (name == "--model") options.model = value;
    else if (name == "--score") options.score = value;
    else if (name == "--onnxruntime") options.library = value;
    else if (name == "--features") options.features = feature_names(value);
    else if (name == "--records") options.records = std::atoll(value.c_str());
    else if (name == "--warm-up") options.warm_up = std::atoll(value.c_str());
    else if (name == "--batch") options.batch = std::atoi(value.c_str());
    else if (name == "--prefetch-kib") options.prefetch_kib = std::atoi(value.c_str());
    else if (name == "--linger-ms") options.linger_ms = std::atoi(value.c_str());
    else if (name == "--idle-timeout") options.idle_timeout_s = std::atof(value.c_str());
    else fail("unknown option " + name, 64);
  }
  bool fraud = options.workload == "fraud", ffnn = options.workload == "ffnn", transport = options.workload == "transport";
  if (!fraud && !ffnn && !transport) fail("--workload: fraud, ffnn or transport", 64);
  if (options.bootstrap.empty() || options.topic.empty() || options.output_topic.empty() || options.group.empty() || options.records <= 0)
    fail("--bootstrap, --topic, --output-topic, --group and --records are needed", 64);
  if (!transport && options.model.empty()) fail("--model is needed", 64);
  if (fraud && (options.features.empty() || options.score.find('[') == std::string::npos))
    fail("--features NAMES and --score NAME[COLUMN] are needed", 64);
  if (options.batch <= 0) options.batch = fraud ? 256 : ffnn ? 64 : 1024;
  // Over a second of work: librdkafka 2.0 leaves a partition alone for a second once its share of the queue is full.
  if (options.prefetch_kib <= 0) options.prefetch_kib = ffnn ? 1'048'576 : transport ? 262'144 : 131'072;
  if (options.linger_ms < 0) options.linger_ms = options.latency ? 1 : 50;
  return options;
}

} // namespace

int main(int count, char **arguments) {
  Options options = parse(count, arguments);
  Loop loop(options);
  bool complete = loop.run();
  double records = double(std::max<int64_t>(loop.acknowledged, 1));
  std::printf("{\"peer\": \"C++ loop\", \"workload\": \"%s\", \"records\": %ld, \"seconds\": %.4f, \"records_per_s\": %.1f, "
              "\"cpu_us_per_record\": %.3f, \"max_rss_mib\": %.1f, ",
              options.workload.c_str(), loop.acknowledged, loop.wall_s, loop.wall_s > 0 ? records / loop.wall_s : 0,
              loop.cpu_s * 1e6 / records, max_rss_mib());
  if (!loop.latencies_ms.empty()) {
    std::sort(loop.latencies_ms.begin(), loop.latencies_ms.end());
    const char *separator = "\"latency_ms\": {";
    for (Percentile percentile : percentiles) {
      std::printf("%s\"%s\": %.3f", separator, percentile.name, at(loop.latencies_ms, percentile));
      separator = ", ";
    }
    std::printf("}, ");
  }
  std::printf("\"stages_cpu_us_per_record\": {");
  for (int stage = 0; stage < Stages::count; stage++)
    std::printf("\"%s\": %.3f, ", Stages::names[stage], loop.stages.seconds[stage] * 1e6 / records);
  std::printf("\"client threads\": %.3f}, \"settings\": {\"batch\": %d, \"linger_ms\": %d, \"prefetch_kib\": %d, \"rejected\": %ld}}\n",
              (loop.cpu_s - loop.stages.total()) * 1e6 / records, options.batch, options.linger_ms, options.prefetch_kib, loop.rejected);
  std::fflush(stdout);
  // Leaves at once: closing the consumer is no part of the measurement.
  std::_Exit(complete ? 0 : 70);
}

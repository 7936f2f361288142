#include "scorers.hpp"

#include "onnx.hpp"

#include <charconv>
#include <cstring>
#include <simdjson.h>

namespace {

using simdjson::ondemand::document;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

/// simdjson reads beyond the end of its input, so a payload is copied to where that is allowed.
class PaddedParser {
public:
  document parse(const char *payload, size_t length) {
    if (buffer.size() < length + simdjson::SIMDJSON_PADDING) buffer.resize(length * 2 + simdjson::SIMDJSON_PADDING);
    std::memcpy(buffer.data(), payload, length);
    return parser.iterate(buffer.data(), length, buffer.size());
  }

private:
  simdjson::ondemand::parser parser;
  std::vector<char> buffer;
};

char *append(char *end, std::string_view text) {
  std::memcpy(end, text.data(), text.size());
  return end + text.size();
}

char *append(char *end, float number) { return std::to_chars(end, end + 24, number).ptr; }

/// Ids and cards are copied as they are in the source's JSON, quotes and escapes included, up to a length no card has.
class FraudScorer : public Scorer {
public:
  explicit FraudScorer(const Options &options)
      : features(options.features), model(options, options.score.substr(0, options.score.find('['))),
        column(std::atoi(options.score.c_str() + options.score.find('[') + 1)),
        input(size_t(options.batch) * features.size()), output(size_t(options.batch) * size_t(model.columns)),
        text(size_t(options.batch) * slot), lengths(size_t(options.batch)) {
    if (size_t(model.width) != features.size()) fail("--features: the model wants " + std::to_string(model.width), 64);
    if (column < 0 || column >= model.columns) fail("--score: the output has no such column", 64);
  }

  void begin() override { rows = 0; }

  bool add(const char *payload, size_t length) override {
    try {
      document json = parser.parse(payload, length);
      object event = json.get_object();
      char *start = &text[rows * slot], *end = append(start, "{\"id\":");
      end = append(end, token(event["id"]));
      end = append(end, ",\"card\":");
      end = append(end, token(event["card"]));
      end = append(end, ",\"score\":");
      float *row = &input[rows * features.size()];
      for (const std::string &name : features) *row++ = float(double(event[name]));
      lengths[rows++] = size_t(end - start);
      return true;
    } catch (const simdjson::simdjson_error &) {
      return false;
    }
  }

  void infer() override {
    if (rows) model.run(input.data(), output.data(), int64_t(rows));
  }

  std::string_view prediction(size_t row) override {
    char *start = &text[row * slot];
    char *end = append(start + lengths[row], output[row * size_t(model.columns) + size_t(column)]);
    *end++ = '}';
    return {start, size_t(end - start)};
  }

private:
  static constexpr size_t slot = 256, longest_token = 80;

  std::vector<std::string> features;
  PaddedParser parser;
  Onnx model;
  int column;
  std::vector<float> input, output;
  std::vector<char> text;
  std::vector<size_t> lengths;
  size_t rows = 0;

  static std::string_view token(value json) {
    std::string_view raw = json.raw_json_token();
    while (!raw.empty() && (raw.back() == ' ' || raw.back() == '\n' || raw.back() == '\t' || raw.back() == '\r')) raw.remove_suffix(1);
    if (raw.size() > longest_token) throw simdjson::simdjson_error(simdjson::CAPACITY);
    return raw;
  }
};

class NetworkScorer : public Scorer {
public:
  explicit NetworkScorer(const Options &options)
      : model(options, ""), input(size_t(options.batch) * size_t(model.width)),
        output(size_t(options.batch) * size_t(model.columns)), text(32 + size_t(model.columns) * 24) {}

  void begin() override { rows = 0; }

  bool add(const char *payload, size_t length) override {
    try {
      document json = parser.parse(payload, length);
      float *row = &input[rows * size_t(model.width)], *end = row + model.width;
      for (double number : json.get_array()) {
        if (row == end) return false;
        *row++ = float(number);
      }
      rows += row == end;
      return row == end;
    } catch (const simdjson::simdjson_error &) {
      return false;
    }
  }

  void infer() override {
    if (rows) model.run(input.data(), output.data(), int64_t(rows));
  }

  std::string_view prediction(size_t row) override {
    char *end = append(text.data(), "{\"probabilities\":[");
    for (int64_t column = 0; column < model.columns; column++) {
      if (column) *end++ = ',';
      end = append(end, output[row * size_t(model.columns) + size_t(column)]);
    }
    end = append(end, "]}");
    return {text.data(), size_t(end - text.data())};
  }

private:
  PaddedParser parser;
  Onnx model;
  std::vector<float> input, output;
  std::vector<char> text;
  size_t rows = 0;
};

class PassThrough : public Scorer {
public:
  void begin() override { payloads.clear(); }
  bool add(const char *payload, size_t length) override {
    payloads.emplace_back(payload, length);
    return true;
  }
  void infer() override {}
  std::string_view prediction(size_t row) override { return payloads[row]; }

private:
  std::vector<std::string_view> payloads;
};

} // namespace

std::unique_ptr<Scorer> make_scorer(const Options &options) {
  if (options.workload == "fraud") return std::make_unique<FraudScorer>(options);
  if (options.workload == "ffnn") return std::make_unique<NetworkScorer>(options);
  return std::make_unique<PassThrough>();
}

#pragma once

#include "options.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

/// Turns a batch's payloads into JSON predictions. Rows are handed out in order; a payload that fails takes none.
class Scorer {
public:
  virtual ~Scorer() = default;
  /// Forgets the last batch.
  virtual void begin() = 0;
  /// False: the payload could not be decoded. The payload must stay until `prediction` was asked for.
  virtual bool add(const char *payload, size_t length) = 0;
  virtual void infer() = 0;
  /// Valid until the next `begin`.
  virtual std::string_view prediction(size_t row) = 0;
};

std::unique_ptr<Scorer> make_scorer(const Options &options);

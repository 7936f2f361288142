// The paths that a walk follows, as a tree: keys and array indices lead from node to node, and a node may have a slot.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "JSONFields.h"
#include "Number.hpp"

namespace millrace {

constexpr int32_t none = -1;

/// A key of an object, kept so that most comparisons are two of machine words.
struct Key {
  uint64_t head;  // the first eight bytes, or all of a shorter key, padded with zeros
  uint64_t tail;  // the last eight bytes; of a shorter key, zero
  uint32_t length;
  uint32_t text;  // where the bytes lie in the plan's texts
  int32_t node;   // where the key leads
  int32_t next;   // the key that followed this one in the last document: events of one kind repeat their order
};

struct Node {
  int32_t slot = none;
  int32_t vector = none;  // the first of them
  int32_t end = 0;        // nodes are numbered so that all that lie below come next, up to here
  uint32_t keys = 0, key_count = 0;
  uint32_t table = 0, table_mask = 0;  // open addressing from the hash of a key to its number
  uint64_t key_filter = 0;  // most keys that nobody asked for are told by their length and first byte
  uint32_t indices = 0, index_count = 0;
  int32_t first_key = none;  // the key that came first in the last document
  uint64_t seen = 0;         // the extraction that last came here
  bool is_inner = false;     // has more to clear than its own slot, which every value overwrites

  bool has_children() const { return key_count + index_count > 0; }
};

struct Index {
  size_t index;
  int32_t node;
};

/// An array of numbers, read into memory of the plan's own.
struct VectorTarget {
  mr_element element;
  bool accepts_null;
  double null_value;
  int32_t next;  // another target at the same node
  std::unique_ptr<uint8_t[]> elements;
};

/// What is to be found at a node, while the tree is being built.
struct Branch {
  int32_t slot = none;
  std::vector<std::pair<std::vector<uint8_t>, std::unique_ptr<Branch>>> keys;
  std::vector<std::pair<size_t, std::unique_ptr<Branch>>> indices;
  std::vector<int32_t> vectors;
};

inline size_t element_width(mr_element element) { return element == MR_FLOAT32 || element == MR_INT32 ? 4 : 8; }

// Writing a number as an element; false if it does not fit.

[[gnu::always_inline]] inline bool store_element(const Number &number, double &element) {
  element = number.as_double();
  return true;
}

[[gnu::always_inline]] inline bool store_element(const Number &number, float &element) {
  const double exact = number.as_double();
  element = float(exact);
  return !(std::isinf(element) && !std::isinf(exact));
}

template <typename Integer>
bool store_integer(const Number &number, Integer &element) {
  if (number.kind == CEL_UINT) { return false; }
  int64_t value = int64_t(number.bits);
  if (number.kind == CEL_DOUBLE) {
    // Some producers write every number with a point: 5.0 is 5, and 5.5 is no integer.
    const double real = number.as_double();
    if (!(real >= -0x1p63 && real < 0x1p63) || std::trunc(real) != real) { return false; }
    value = int64_t(real);
  }
  element = Integer(value);
  return element == value;
}

inline bool store_element(const Number &number, int32_t &element) { return store_integer(number, element); }
inline bool store_element(const Number &number, int64_t &element) { return store_integer(number, element); }

}  // namespace millrace

struct mr_plan {
  millrace::Branch root;
  std::vector<millrace::Node> nodes;
  std::vector<millrace::Key> keys;
  std::vector<millrace::Index> indices;
  std::vector<uint32_t> table;
  std::vector<uint8_t> texts;
  std::vector<cel_field> fields;
  std::vector<mr_vector> vectors;
  std::vector<millrace::VectorTarget> targets;
  std::vector<millrace::Branch *> slots;
  uint64_t extraction = 0;

  /// The number of the key with this text below the node, or `none`. `text` is padded; `expected` is tried first.
  [[gnu::always_inline]] int32_t find(const millrace::Node &node, int32_t expected, const uint8_t *text, size_t length) const noexcept {
    if ((node.key_filter >> filter_bit(text[0], length) & 1) == 0) { return millrace::none; }
    const uint64_t bytes = millrace::load_eight(text);
    const uint64_t head = length >= 8 ? bytes : bytes & ((uint64_t(1) << (8 * length)) - 1);
    const uint64_t tail = length > 8 ? millrace::load_eight(text + length - 8) : 0;
    if (expected >= 0 && matches(keys[size_t(expected)], head, tail, text, length)) { return expected; }
    return look_up(node, head, tail, text, length);
  }

  void finish();

 private:
  bool matches(const millrace::Key &key, uint64_t head, uint64_t tail, const uint8_t *text, size_t length) const noexcept {
    return key.head == head && key.length == length && key.tail == tail
      && (length <= 16 || std::memcmp(texts.data() + key.text + 8, text + 8, length - 16) == 0);
  }
  [[gnu::noinline]] int32_t look_up(
    const millrace::Node &node, uint64_t head, uint64_t tail, const uint8_t *text, size_t length) const noexcept;
  static unsigned filter_bit(uint8_t first, size_t length) noexcept { return unsigned(first + 7 * length) & 63; }
  static uint32_t hash(uint64_t head, uint64_t tail, size_t length) noexcept {
    const uint64_t mixed = (head ^ (tail << 29 | tail >> 35) ^ length) * 0x9E3779B97F4A7C15u;
    return uint32_t(mixed >> 40);
  }
  int32_t add_node(millrace::Branch &branch);
  void add_keys(millrace::Node &node, millrace::Branch &branch, const std::vector<int32_t> &children);
};

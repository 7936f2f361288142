#include "Plan.hpp"

#include <algorithm>
#include <new>

using namespace millrace;

void mr_plan::finish() {
  fields.resize(slots.size() + 1);  // one more, so that there is an address to give for an empty plan
  add_node(root);
}

int32_t mr_plan::add_node(Branch &branch) {
  const size_t number = nodes.size();
  nodes.emplace_back();
  nodes[number].slot = branch.slot;
  for (const int32_t vector : branch.vectors) {
    targets[size_t(vector)].next = nodes[number].vector;
    nodes[number].vector = vector;
  }

  std::vector<int32_t> children;
  for (auto &[text, child] : branch.keys) { children.push_back(add_node(*child)); }
  Node node = nodes[number];
  add_keys(node, branch, children);

  std::sort(branch.indices.begin(), branch.indices.end(), [](const auto &one, const auto &other) { return one.first < other.first; });
  std::vector<Index> wanted;
  for (auto &[index, child] : branch.indices) { wanted.push_back({index, add_node(*child)}); }
  node.indices = uint32_t(indices.size());
  node.index_count = uint32_t(wanted.size());
  indices.insert(indices.end(), wanted.begin(), wanted.end());

  node.end = int32_t(nodes.size());
  node.is_inner = node.has_children() || node.vector >= 0;
  nodes[number] = node;
  return int32_t(number);
}

void mr_plan::add_keys(Node &node, Branch &branch, const std::vector<int32_t> &children) {
  uint32_t size = 4;
  while (size < 3 * children.size()) { size *= 2; }
  node.keys = uint32_t(keys.size());
  node.key_count = uint32_t(children.size());
  node.table = uint32_t(table.size());
  node.table_mask = size - 1;
  table.resize(table.size() + size, 0);

  for (size_t i = 0; i < children.size(); i++) {
    const auto &text = branch.keys[i].first;
    Key key{0, 0, uint32_t(text.size()), uint32_t(texts.size()), children[i], none};
    std::memcpy(&key.head, text.data(), std::min<size_t>(text.size(), 8));
    if (text.size() > 8) { std::memcpy(&key.tail, text.data() + text.size() - 8, 8); }
    texts.insert(texts.end(), text.begin(), text.end());
    keys.push_back(key);
    node.key_filter |= uint64_t(1) << filter_bit(text.empty() ? uint8_t('"') : text[0], text.size());

    uint32_t at = hash(key.head, key.tail, key.length);
    while (table[node.table + (at & node.table_mask)] != 0) { at++; }
    table[node.table + (at & node.table_mask)] = uint32_t(i + 1);
  }
  // Until a document tells better, keys are expected in the order in which they were asked for.
  for (size_t i = 0; i + 1 < children.size(); i++) { keys[node.keys + i].next = int32_t(node.keys + i + 1); }
  node.first_key = children.empty() ? none : int32_t(node.keys);
}

int32_t mr_plan::look_up(const Node &node, uint64_t head, uint64_t tail, const uint8_t *text, size_t length) const noexcept {
  for (uint32_t at = hash(head, tail, length);; at++) {
    const uint32_t entry = table[node.table + (at & node.table_mask)];
    if (entry == 0) { return none; }
    const int32_t key = int32_t(node.keys + entry - 1);
    if (matches(keys[size_t(key)], head, tail, text, length)) { return key; }
  }
}

namespace {

Branch &child(Branch &branch, const mr_step &step) {
  if (step.key == nullptr) {
    for (auto &[index, found] : branch.indices) {
      if (index == step.index) { return *found; }
    }
    return *branch.indices.emplace_back(step.index, std::make_unique<Branch>()).second;
  }
  const std::vector<uint8_t> text(step.key, step.key + step.key_length);
  for (auto &[known, found] : branch.keys) {
    if (known == text) { return *found; }
  }
  return *branch.keys.emplace_back(text, std::make_unique<Branch>()).second;
}

}  // namespace

extern "C" {

mr_plan *mr_plan_create(void) { return new (std::nothrow) mr_plan(); }

void mr_plan_destroy(mr_plan *plan) { delete plan; }

int32_t mr_plan_add(mr_plan *plan, const mr_step *steps, size_t count) try {
  Branch *branch = &plan->root;
  for (size_t i = 0; i < count; i++) { branch = &child(*branch, steps[i]); }
  branch->slot = int32_t(plan->slots.size());
  plan->slots.push_back(branch);
  return branch->slot;
} catch (const std::bad_alloc &) {
  return none;
}

int32_t mr_plan_add_vector(mr_plan *plan, int32_t slot, mr_element element, size_t length, const double *null_value) try {
  if (length > SIZE_MAX / 16) { return none; }
  auto elements = std::make_unique<uint8_t[]>(length * element_width(element));
  plan->vectors.push_back({elements.get(), length, 0, 0, CEL_ABSENT, MR_VECTOR_ABSENT});
  plan->targets.push_back({element, null_value != nullptr, null_value ? *null_value : 0, none, std::move(elements)});
  const int32_t number = int32_t(plan->targets.size()) - 1;
  plan->slots[size_t(slot)]->vectors.push_back(number);
  return number;
} catch (const std::bad_alloc &) {
  return none;
}

bool mr_plan_finish(mr_plan *plan) try {
  plan->finish();
  return true;
} catch (const std::bad_alloc &) {
  return false;
}

const cel_field *mr_plan_fields(const mr_plan *plan) { return plan->fields.data(); }

const mr_vector *mr_plan_vectors(const mr_plan *plan) { return plan->vectors.data(); }

}  // extern "C"

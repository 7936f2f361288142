// One pass over a document's tokens, guided by a plan.
#include "Value.hpp"

namespace millrace {

namespace {

/// The container that a token opens ends before the token that is returned, whatever it holds; nullptr if it doesn't end.
/// `depth` 1: the walk is already inside it.
const uint32_t *skip(const uint8_t *bytes, const uint32_t *token, const uint32_t *tokens_end, uint32_t depth) {
  while (token < tokens_end) {
    const uint8_t byte = bytes[*token++] | 0x20;  // makes braces of brackets, and of nothing else
    depth += byte == '{';
    if (byte == '}' && --depth == 0) { return token; }
  }
  return nullptr;
}

/// A second value for the same path: what the first has left counts no more.
[[gnu::noinline]] void clear_below(mr_plan &plan, const Node &node) {
  for (const Node *below = &node; below < plan.nodes.data() + node.end; below++) {
    if (below->slot >= 0) { plan.fields[size_t(below->slot)].kind = CEL_ABSENT; }
    for (int32_t vector = below->vector; vector >= 0; vector = plan.targets[size_t(vector)].next) {
      plan.vectors[size_t(vector)].state = MR_VECTOR_ABSENT;
    }
  }
}

bool walk(mr_document &document, mr_plan &plan, const bool validating, mr_failure &failure) noexcept {
  const uint8_t *const bytes = document.buffer.get();
  const uint32_t *token = document.tokens;
  const uint32_t *const tokens_end = token + document.token_count;
  const bool document_has_escapes = document.has_escapes;
  Node *const nodes = plan.nodes.data();
  Key *const keys = plan.keys.data();
  cel_field *const fields = plan.fields.data();
  const uint64_t extraction = ++plan.extraction;
  for (cel_field &field : plan.fields) { field.kind = CEL_ABSENT; }
  for (mr_vector &vector : plan.vectors) { vector.state = MR_VECTOR_ABSENT; }
  failure.reason = MR_VALID;
  Reader reader{document, failure, document.strings.get()};

  // The containers around the current one lie in the document's frames, so nesting costs no native stack.
  Frame frame{nullptr, nullptr, 0, 0, false, validating};
  uint32_t depth = 0;
  Node *node = nodes;  // of the value at hand; nullptr: nobody wants it
  node->seen = extraction;

value: {
  const uint8_t *const text = bytes + *token;
  const bool opens_object = *text == '{';
  if (!opens_object && *text != '[') {
    if (node != nullptr && node->slot >= 0) {
      if (!read_scalar(reader, bytes, token, document_has_escapes, fields[node->slot])) { return false; }
    } else if (frame.whole) {
      if (!check_scalar(reader, bytes, token, document_has_escapes)) { return false; }
    }
    token++;
    goto value_end;
  }
  if (node == nullptr && !frame.whole) {
    token = skip(bytes, token, tokens_end, 0);
    if (token == nullptr) { return reader.fail(MR_TRUNCATED, tokens_end); }
    goto value_end;
  }
  bool whole = frame.whole;
  cel_field *field = nullptr;
  if (node != nullptr && node->slot >= 0) {
    whole = true;
    field = &fields[node->slot];
    field->kind = opens_object ? CEL_MAP : CEL_LIST;
    field->raw = text;
    if (node->vector >= 0 && !opens_object && depth + 1 < MR_MAXIMUM_DEPTH) {
      const uint32_t *behind = token;
      if (reader.read_vectors(behind, plan, *node) && !node->has_children()) {
        token = behind;
        field->raw_length = size_t(bytes + token[-1] + 1 - text);
        goto value_end;
      }
      if (failure.reason != MR_VALID) { return false; }
    }
  }
  token++;
  if (bytes[*token] == (opens_object ? '}' : ']')) {
    token++;
    if (field != nullptr) { field->raw_length = size_t(bytes + token[-1] + 1 - text); }
    goto value_end;
  }
  document.frames[depth] = frame;
  if (++depth >= MR_MAXIMUM_DEPTH) { return reader.fail(MR_TOO_DEEP, token - 1); }
  frame = Frame{node, opens_object && node != nullptr ? &node->first_key : nullptr, 0, 0, !opens_object, whole};
  if (!opens_object) { goto element; }
}

key: {
  const uint8_t *text = bytes + *token;
  if (*text != '"') { return reader.fail(MR_EXPECTED_KEY, token); }
  if (bytes[token[1]] != ':') { return reader.fail(MR_EXPECTED_COLON, token + 1); }
  text++;
  node = nullptr;
  if (frame.node != nullptr) {
    const uint8_t *end = closing_quote(bytes, token);
    if (document_has_escapes && has_escapes(text, end)) {
      end = document.unescape(text - 1, reader.strings);
      if (end == nullptr) {
        // No text, so no path leads there.
        if (!reader.allows_escapes(token)) { return false; }
        token += 2;
        goto value;
      }
      text = reader.strings;
    }
    const int32_t key = plan.find(*frame.node, *frame.expected, text, size_t(end - text));
    if (key >= 0) {
      if (*frame.expected != key) { *frame.expected = key; }
      frame.expected = &keys[key].next;
      node = &nodes[keys[key].node];
      if (node->is_inner) {
        if (node->seen == extraction) { clear_below(plan, *node); }
        node->seen = extraction;
      }
    }
  } else if (document_has_escapes && has_escapes(text, closing_quote(bytes, token))) {
    if (!reader.check_escapes(token)) { return false; }
  }
  token += 2;
  goto value;
}

element:
  node = nullptr;
  if (frame.node != nullptr) {
    if (frame.index < frame.node->index_count) {
      const Index &wanted = plan.indices[frame.node->indices + frame.index];
      if (wanted.index == frame.element) {
        frame.index++;
        node = &nodes[wanted.node];
        if (node->seen == extraction) { clear_below(plan, *node); }
        node->seen = extraction;
      }
    } else if (!frame.whole) {
      // Nothing more is wanted of this array.
      token = skip(bytes, token, tokens_end, 1);
      if (token == nullptr) { return reader.fail(MR_TRUNCATED, tokens_end); }
      frame = document.frames[--depth];
      goto value_end;
    }
  }
  frame.element++;
  goto value;

value_end:
  if (depth == 0) {
    return token == tokens_end || reader.fail(MR_TRAILING_CONTENT, token);
  }
  switch (bytes[*token]) {
    case ',':
      token++;
      if (frame.is_array) { goto element; }
      goto key;
    case '}':
      if (frame.is_array) { return reader.fail(MR_EXPECTED_COMMA_OR_BRACKET, token); }
      break;
    case ']':
      if (!frame.is_array) { return reader.fail(MR_EXPECTED_COMMA_OR_BRACE, token); }
      break;
    default: return reader.fail(frame.is_array ? MR_EXPECTED_COMMA_OR_BRACKET : MR_EXPECTED_COMMA_OR_BRACE, token);
  }
  if (frame.node != nullptr && frame.node->slot >= 0) {
    cel_field &field = fields[frame.node->slot];
    field.raw_length = size_t(bytes + *token + 1 - field.raw);
  }
  token++;
  frame = document.frames[--depth];
  goto value_end;
}

}  // namespace

}  // namespace millrace

extern "C" bool mr_extract(mr_document *document, mr_plan *plan, bool validating, mr_failure *failure) {
  if (document->token_count == 0) {
    *failure = {MR_EMPTY, -1};
    return false;
  }
  return millrace::walk(*document, *plan, validating, *failure);
}

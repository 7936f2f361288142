/* Reads a whole JSON text into a flat list of tokens, for the parts of an event that an expression uses as lists and maps. */
#include <cmath>
#include <memory>
#include <vector>

#include "Value.hpp"

using namespace simdjson;

namespace {

/* Per thread, so that buffers are reused and no lock is needed. */
struct TokenReader {
  dom::parser parser;
  std::vector<uint8_t> padded;
  std::vector<mr_token> tokens;
  /* Only for texts that the parser doesn't take, or reads too coarsely. */
  std::unique_ptr<mr_document> document;
  mr_plan plan;  /* Of no paths. */
  std::vector<size_t> open;
};

mr_token scalar(uint8_t kind) {
  mr_token token{};
  token.kind = kind;
  return token;
}

mr_token text(uint8_t kind, const uint8_t *bytes, size_t length) {
  mr_token token = scalar(kind);
  token.text = bytes;
  token.count = length;
  return token;
}

mr_token text(std::string_view bytes) { return text(CEL_STRING, reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()); }

/* The depth is bounded by the parser, which has refused what nests deeper than 1024. False: a number may have lost digits. */
bool append(std::vector<mr_token> &tokens, dom::element element) {
  mr_token token{};
  switch (element.type()) {
  case dom::element_type::NULL_VALUE: tokens.push_back(scalar(CEL_NULL)); break;
  case dom::element_type::BOOL: tokens.push_back(scalar(element.get_bool().value_unsafe() ? CEL_TRUE : CEL_FALSE)); break;
  case dom::element_type::STRING: tokens.push_back(text(element.get_string().value_unsafe())); break;
  case dom::element_type::INT64:
    token.kind = CEL_INT;
    token.integer = element.get_int64().value_unsafe();
    tokens.push_back(token);
    break;
  case dom::element_type::UINT64:
    token.kind = CEL_UINT;
    token.uinteger = element.get_uint64().value_unsafe();
    tokens.push_back(token);
    break;
  case dom::element_type::DOUBLE:
    token.kind = CEL_DOUBLE;
    token.real = element.get_double().value_unsafe();
    tokens.push_back(token);
    return std::fabs(token.real) < 0x1p53;
  case dom::element_type::ARRAY: {
    const size_t place = tokens.size();
    tokens.push_back(scalar(CEL_LIST));
    size_t count = 0;
    const dom::array children = element.get_array().value_unsafe();
    for (dom::element child : children) {
      if (!append(tokens, child)) { return false; }
      count++;
    }
    tokens[place].count = count;
    break;
  }
  case dom::element_type::OBJECT: {
    const size_t place = tokens.size();
    tokens.push_back(scalar(CEL_MAP));
    size_t count = 0;
    const dom::object members = element.get_object().value_unsafe();
    for (dom::key_value_pair member : members) {
      tokens.push_back(text(member.key));
      if (!append(tokens, member.value)) { return false; }
      count++;
    }
    tokens[place].count = count;
    break;
  }
  }
  return true;
}

mr_token token_of(const cel_field &field) {
  if (field.kind == CEL_UNREADABLE) { return text(CEL_UNREADABLE, field.raw, field.raw_length); }
  if (field.kind == CEL_STRING) { return text(CEL_STRING, field.text, field.text_length); }
  mr_token token = scalar(field.kind);
  token.uinteger = field.uinteger;
  return token;
}

/* As a walk reads scalars, so that the same JSON is valid and the same numbers are exact. False: the text is not valid. */
bool read_with_care(TokenReader &reader, const uint8_t *json, size_t length) {
  if (!reader.document) {
    reader.plan.finish();
    reader.document = std::make_unique<mr_document>();
  }
  mr_document &document = *reader.document;
  mr_failure failure;
  if (!document.load(json, length, failure) || !mr_extract(&document, &reader.plan, true, &failure)) { return false; }
  const uint8_t *const bytes = document.buffer.get();
  millrace::Reader values{document, failure, document.strings.get()};
  std::vector<mr_token> &tokens = reader.tokens;
  std::vector<size_t> &open = reader.open;
  tokens.clear();
  open.clear();
  for (const uint32_t *token = document.tokens; token < document.tokens + document.token_count; token++) {
    const uint8_t byte = bytes[*token];
    if (byte == ',' || byte == ':') { continue; }
    if (byte == '}' || byte == ']') {
      open.pop_back();
      continue;
    }
    const bool is_key = bytes[token[1]] == ':';
    if (!open.empty() && (is_key || tokens[open.back()].kind == CEL_LIST)) { tokens[open.back()].count++; }
    if (byte == '{' || byte == '[') {
      open.push_back(tokens.size());
      tokens.push_back(scalar(byte == '{' ? CEL_MAP : CEL_LIST));
      continue;
    }
    cel_field field{};
    if (!millrace::read_scalar(values, bytes, token, document.has_escapes, field)) { return false; }
    tokens.push_back(token_of(field));
  }
  return true;
}

}  // namespace

const mr_token *mr_json_tokens(const uint8_t *json, size_t length, size_t *count) {
  thread_local TokenReader reader;
  try {
    reader.tokens.clear();
    if (reader.padded.size() < length + SIMDJSON_PADDING) { reader.padded.resize(length + SIMDJSON_PADDING); }
    if (length > 0) { std::memcpy(reader.padded.data(), json, length); }
    dom::element root;
    const bool is_read = !reader.parser.parse(reader.padded.data(), length, false).get(root) && append(reader.tokens, root);
    if (!is_read && !read_with_care(reader, json, length)) { return nullptr; }
    *count = reader.tokens.size();
    return reader.tokens.data();
  } catch (...) {
    return nullptr;
  }
}

/* Reads a whole JSON text into a flat list of tokens, for the parts of an event that an expression uses as lists and maps. */
#include "JSONFields.h"

#include <cstring>
#include <simdjson.h>
#include <vector>

using namespace simdjson;

namespace {

/* Per thread, so that buffers are reused and no lock is needed. */
struct Reader {
  dom::parser parser;
  std::vector<uint8_t> padded;
  std::vector<mr_token> tokens;
};

mr_token scalar(uint8_t kind) {
  mr_token token{};
  token.kind = kind;
  return token;
}

mr_token text(std::string_view bytes) {
  mr_token token = scalar(CEL_STRING);
  token.text = reinterpret_cast<const uint8_t *>(bytes.data());
  token.count = bytes.size();
  return token;
}

/* The depth is bounded by the parser, which has refused what nests deeper than 1024. */
void append(std::vector<mr_token> &tokens, dom::element element) {
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
    break;
  case dom::element_type::ARRAY: {
    const size_t place = tokens.size();
    tokens.push_back(scalar(CEL_LIST));
    size_t count = 0;
    const dom::array children = element.get_array().value_unsafe();
    for (dom::element child : children) {
      append(tokens, child);
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
      append(tokens, member.value);
      count++;
    }
    tokens[place].count = count;
    break;
  }
  }
}

} // namespace

const mr_token *mr_json_tokens(const uint8_t *json, size_t length, size_t *count) {
  thread_local Reader reader;
  try {
    reader.tokens.clear();
    if (reader.padded.size() < length + SIMDJSON_PADDING) reader.padded.resize(length + SIMDJSON_PADDING);
    if (length > 0) std::memcpy(reader.padded.data(), json, length);
    dom::element root;
    if (reader.parser.parse(reader.padded.data(), length, false).get(root)) return nullptr;
    append(reader.tokens, root);
    *count = reader.tokens.size();
    return reader.tokens.data();
  } catch (...) {
    return nullptr;
  }
}

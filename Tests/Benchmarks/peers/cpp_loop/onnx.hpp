#pragma once

#include "COnnxRuntime.h"
#include "options.hpp"

#include <cstdint>
#include <dlfcn.h>
#include <string>
#include <vector>

/// A model with one float32 input [N, width] and one float32 output [N, columns] that is asked for.
class Onnx {
public:
  int64_t width = 0, columns = 0;

  /// One thread and no spinning, as every peer has it. `output` may be empty: the first float32 output.
  Onnx(const Options &options, const std::string &output) {
    std::string library = options.library;
    if (library.empty() && std::getenv("MILLRACE_ONNXRUNTIME")) library = std::getenv("MILLRACE_ONNXRUNTIME");
    if (library.empty()) library = "libonnxruntime.so";
    void *handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) fail(std::string("--onnxruntime: ") + dlerror(), 64);
    auto door = reinterpret_cast<OrtGetApiBaseFunction>(dlsym(handle, "OrtGetApiBase"));
    api = door ? door()->GetApi(OrtSliceVersion) : nullptr;
    if (!api) fail(library + ": no ONNX Runtime, or one too old", 64);

    OrtEnv *environment;
    OrtSessionOptions *session_options;
    check(api->CreateEnv(OrtLogFatal, "cpp_loop", &environment));
    check(api->DisableTelemetryEvents(environment));
    check(api->CreateSessionOptions(&session_options));
    check(api->SetIntraOpNumThreads(session_options, 1));
    check(api->SetInterOpNumThreads(session_options, 1));
    check(api->SetSessionGraphOptimizationLevel(session_options, OrtOptimizeAll));
    check(api->AddSessionConfigEntry(session_options, "session.intra_op.allow_spinning", "0"));
    check(api->CreateSession(environment, options.model.c_str(), session_options, &session));
    check(api->CreateCpuMemoryInfo(OrtAllocatorArena, OrtMemoryDefault, &memory));
    find_names(output);
  }

  /// Row-major; both blocks are the caller's.
  void run(float *input, float *output, int64_t rows) {
    OrtValue *in = tensor(input, rows, width), *out = tensor(output, rows, columns);
    const char *input_names[] = {input_name}, *output_names[] = {output_name};
    check(api->Run(session, nullptr, input_names, &in, 1, output_names, 1, &out));
    api->ReleaseValue(in);
    api->ReleaseValue(out);
  }

private:
  const OrtApiSlice *api = nullptr;
  OrtSession *session = nullptr;
  OrtMemoryInfo *memory = nullptr;
  char *input_name = nullptr, *output_name = nullptr;

  void check(OrtStatus *status) {
    if (status) fail(std::string("ONNX Runtime: ") + api->GetErrorMessage(status));
  }

  OrtValue *tensor(float *data, int64_t rows, int64_t row_width) {
    int64_t shape[] = {rows, row_width};
    OrtValue *value = nullptr;
    check(api->CreateTensorWithDataAsOrtValue(memory, data, size_t(rows * row_width) * sizeof(float), shape, 2, OrtElementFloat32, &value));
    return value;
  }

  void find_names(const std::string &wanted) {
    OrtAllocator *allocator;
    OrtTypeInfo *type;
    check(api->GetAllocatorWithDefaultOptions(&allocator));
    check(api->SessionGetInputName(session, 0, allocator, &input_name));
    check(api->SessionGetInputTypeInfo(session, 0, &type));
    width = row_width(type);
    size_t outputs;
    check(api->SessionGetOutputCount(session, &outputs));
    for (size_t index = 0; index < outputs && columns <= 0; index++) {
      check(api->SessionGetOutputName(session, index, allocator, &output_name));
      check(api->SessionGetOutputTypeInfo(session, index, &type));
      if (wanted.empty() || wanted == output_name) columns = row_width(type);
    }
    if (width <= 0 || columns <= 0) fail("the model needs a float32 input [N, width] and output " + wanted + " [N, columns]", 64);
  }

  /// Of a float32 tensor with two dimensions; 0 for anything else.
  int64_t row_width(OrtTypeInfo *type) {
    const OrtTensorTypeAndShapeInfo *info = nullptr;
    uint32_t element = 0;
    size_t rank = 0;
    int64_t shape[2] = {};
    check(api->CastTypeInfoToTensorInfo(type, &info));
    if (info) {
      check(api->GetTensorElementType(info, &element));
      check(api->GetDimensionsCount(info, &rank));
      if (element == OrtElementFloat32 && rank == 2) check(api->GetDimensions(info, shape, 2));
    }
    api->ReleaseTypeInfo(type);
    return shape[1];
  }
};

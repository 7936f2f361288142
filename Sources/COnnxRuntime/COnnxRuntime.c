#include "COnnxRuntime.h"

#if __has_include(<onnxruntime_c_api.h>)
#include <onnxruntime_c_api.h>
#define HAS_VENDOR_HEADER 1
#elif __has_include(<onnxruntime/onnxruntime_c_api.h>)
#include <onnxruntime/onnxruntime_c_api.h>
#define HAS_VENDOR_HEADER 1
#elif __has_include(<onnxruntime/core/session/onnxruntime_c_api.h>)
#include <onnxruntime/core/session/onnxruntime_c_api.h>
#define HAS_VENDOR_HEADER 1
#endif

#define AT(table, slot, function) (offsetof(table, function) == (slot) * sizeof(void *))

#ifdef HAS_VENDOR_HEADER
_Static_assert(ORT_API_VERSION >= OrtSliceVersion, "the vendor's header is older than the slice; hide it from this build");
// The function's type as well: a parameter too many would go as unnoticed as a wrong slot.
#define CHECK(Ours, Theirs, slot, function)                                                                      \
  _Static_assert(AT(Ours, slot, function), #function " is not declared at its slot");                            \
  _Static_assert(AT(Theirs, slot, function), #function " lies at another slot in the vendor's header");          \
  _Static_assert(                                                                                                \
      __builtin_types_compatible_p(__typeof__(((Theirs *)0)->function), __typeof__(((Ours *)0)->function)),       \
      #function " has another type in the vendor's header")
#define VALUE(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #theirs " has another value in the vendor's header")
#else
#define CHECK(Ours, Theirs, slot, function) _Static_assert(AT(Ours, slot, function), #function " is not declared at its slot")
#define VALUE(ours, theirs) _Static_assert((ours) >= 0, "")
#endif

// The table of functions, and what it asks of an operator.
#define SLOT(slot, function) CHECK(OrtApiSlice, OrtApi, slot, function)
#define FIELD(slot, function) CHECK(OrtCustomOpSlice, OrtCustomOp, slot, function)

SLOT(0, CreateStatus);
SLOT(1, GetErrorCode);
SLOT(2, GetErrorMessage);
SLOT(3, CreateEnv);
SLOT(6, DisableTelemetryEvents);
SLOT(7, CreateSession);
SLOT(8, CreateSessionFromArray);
SLOT(9, Run);
SLOT(10, CreateSessionOptions);
SLOT(13, SetSessionExecutionMode);
SLOT(23, SetSessionGraphOptimizationLevel);
SLOT(24, SetIntraOpNumThreads);
SLOT(25, SetInterOpNumThreads);
SLOT(26, CreateCustomOpDomain);
SLOT(27, CustomOpDomain_Add);
SLOT(28, AddCustomOpDomain);
SLOT(30, SessionGetInputCount);
SLOT(31, SessionGetOutputCount);
SLOT(33, SessionGetInputTypeInfo);
SLOT(34, SessionGetOutputTypeInfo);
SLOT(36, SessionGetInputName);
SLOT(37, SessionGetOutputName);
SLOT(48, CreateTensorAsOrtValue);
SLOT(49, CreateTensorWithDataAsOrtValue);
SLOT(51, GetTensorMutableData);
SLOT(53, GetStringTensorDataLength);
SLOT(54, GetStringTensorContent);
SLOT(55, CastTypeInfoToTensorInfo);
SLOT(56, GetOnnxTypeFromTypeInfo);
SLOT(60, GetTensorElementType);
SLOT(61, GetDimensionsCount);
SLOT(62, GetDimensions);
SLOT(63, GetSymbolicDimensions);
SLOT(65, GetTensorTypeAndShape);
SLOT(69, CreateCpuMemoryInfo);
SLOT(76, AllocatorFree);
SLOT(78, GetAllocatorWithDefaultOptions);
SLOT(90, KernelContext_GetInput);
SLOT(91, KernelContext_GetOutput);
SLOT(92, ReleaseEnv);
SLOT(93, ReleaseStatus);
SLOT(94, ReleaseMemoryInfo);
SLOT(95, ReleaseSession);
SLOT(96, ReleaseValue);
SLOT(98, ReleaseTypeInfo);
SLOT(99, ReleaseTensorTypeAndShapeInfo);
SLOT(100, ReleaseSessionOptions);
SLOT(101, ReleaseCustomOpDomain);
SLOT(111, SessionGetModelMetadata);
SLOT(112, ModelMetadataGetProducerName);
SLOT(113, ModelMetadataGetGraphName);
SLOT(114, ModelMetadataGetDomain);
SLOT(115, ModelMetadataGetDescription);
SLOT(116, ModelMetadataLookupCustomMetadataMap);
SLOT(117, ModelMetadataGetVersion);
SLOT(118, ReleaseModelMetadata);
SLOT(123, ModelMetadataGetCustomMetadataMapKeys);
SLOT(130, AddSessionConfigEntry);
SLOT(252, GetResizedStringTensorElementBuffer);

FIELD(0, version);
FIELD(2, GetName);
FIELD(3, GetExecutionProviderType);
FIELD(4, GetInputType);
FIELD(5, GetInputTypeCount);
FIELD(6, GetOutputType);
FIELD(7, GetOutputTypeCount);
FIELD(9, KernelDestroy);
FIELD(10, GetInputCharacteristic);
FIELD(11, GetOutputCharacteristic);
FIELD(12, GetInputMemoryType);
FIELD(17, CreateKernelV2);
FIELD(18, KernelComputeV2);

VALUE(OrtLogFatal, ORT_LOGGING_LEVEL_FATAL);
VALUE(OrtSequential, ORT_SEQUENTIAL);
VALUE(OrtOptimizeAll, ORT_ENABLE_ALL);
VALUE(OrtAllocatorArena, OrtArenaAllocator);
VALUE(OrtMemoryDefault, OrtMemTypeDefault);
VALUE(OrtKindTensor, ONNX_TYPE_TENSOR);
VALUE(OrtKindSequence, ONNX_TYPE_SEQUENCE);
VALUE(OrtKindMap, ONNX_TYPE_MAP);
VALUE(OrtKindSparseTensor, ONNX_TYPE_SPARSETENSOR);
VALUE(OrtKindOptional, ONNX_TYPE_OPTIONAL);
VALUE(OrtElementFloat32, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
VALUE(OrtElementInt32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32);
VALUE(OrtElementInt64, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64);
VALUE(OrtElementString, ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING);
VALUE(OrtElementBool, ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL);
VALUE(OrtElementFloat64, ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE);
VALUE(OrtCustomOpRequired, INPUT_OUTPUT_REQUIRED);
VALUE(OrtErrorInvalidArgument, ORT_INVALID_ARGUMENT);
VALUE(OrtErrorExecutionProvider, ORT_EP_FAIL);

// The door to ONNX Runtime. Its C API is one table of function pointers that a loaded library hands out, and which only
// ever grows at its end. This is the slice of the table that Millrace calls, so that building needs no ONNX Runtime:
// the library is found and loaded when a model is (OnnxRuntimeLibrary.swift).
//
// Every slot's number is checked in COnnxRuntime.c, against the vendor's header too where the compiler finds it
// (`CPATH=folder-of-the-header swift build`).
#pragma once

#include <stddef.h>
#include <stdint.h>

// The table of this version has every slot below; libraries from 1.15 on hand it out.
enum { OrtSliceVersion = 15 };

// The first version whose operators of one's own can report an error.
enum { OrtCustomOpVersion = 16 };

typedef struct OrtAllocator OrtAllocator;
typedef struct OrtApi OrtApi;
typedef struct OrtCustomOp OrtCustomOp;
typedef struct OrtCustomOpDomain OrtCustomOpDomain;
typedef struct OrtEnv OrtEnv;
typedef struct OrtKernelContext OrtKernelContext;
typedef struct OrtKernelInfo OrtKernelInfo;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtModelMetadata OrtModelMetadata;
typedef struct OrtRunOptions OrtRunOptions;
typedef struct OrtSession OrtSession;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtStatus OrtStatus;
typedef struct OrtTensorTypeAndShapeInfo OrtTensorTypeAndShapeInfo;
typedef struct OrtTypeInfo OrtTypeInfo;
typedef struct OrtValue OrtValue;

// What a call returns: NULL when it went well, else an error that the caller releases.
typedef OrtStatus *OrtResult;
typedef const char *OrtName;

enum {
  OrtLogFatal = 4,
  OrtSequential = 0,
  OrtOptimizeAll = 99,
  OrtAllocatorArena = 1,
  OrtMemoryDefault = 0,
};

// Kinds of values.
enum { OrtKindTensor = 1, OrtKindSequence = 2, OrtKindMap = 3, OrtKindSparseTensor = 5, OrtKindOptional = 6 };

// Kinds of elements.
enum {
  OrtElementFloat32 = 1,
  OrtElementInt32 = 6,
  OrtElementInt64 = 7,
  OrtElementString = 8,
  OrtElementBool = 9,
  OrtElementFloat64 = 11,
};

// Kinds of errors that are treated apart.
enum { OrtErrorInvalidArgument = 2, OrtErrorExecutionProvider = 11 };

enum { OrtCustomOpRequired = 0 };

// An operator of one's own, as ONNX Runtime asks for it. A library reads the fields that `version` has.
typedef struct OrtCustomOpSlice {
  uint32_t version;
  uintptr_t unused_1[1];
  const char *(*GetName)(const OrtCustomOp *);
  // NULL: the CPU's.
  const char *(*GetExecutionProviderType)(const OrtCustomOp *);
  uint32_t (*GetInputType)(const OrtCustomOp *, size_t index);
  size_t (*GetInputTypeCount)(const OrtCustomOp *);
  uint32_t (*GetOutputType)(const OrtCustomOp *, size_t index);
  size_t (*GetOutputTypeCount)(const OrtCustomOp *);
  uintptr_t unused_8[1];
  void (*KernelDestroy)(void *kernel);
  uint32_t (*GetInputCharacteristic)(const OrtCustomOp *, size_t index);
  uint32_t (*GetOutputCharacteristic)(const OrtCustomOp *, size_t index);
  int32_t (*GetInputMemoryType)(const OrtCustomOp *, size_t index);
  // For operators whose number of inputs or outputs varies.
  uintptr_t unused_13[4];
  OrtResult (*CreateKernelV2)(const OrtCustomOp *, const OrtApi *, const OrtKernelInfo *,
                              void **kernel);
  // On whichever thread the session runs; several at once.
  OrtResult (*KernelComputeV2)(void *kernel, OrtKernelContext *);
} OrtCustomOpSlice;

// An operator and what its functions find behind it. ONNX Runtime sees the first part.
typedef struct OrtOwnedCustomOp {
  OrtCustomOpSlice slice;
  const void *owner;
} OrtOwnedCustomOp;

typedef struct OrtApiSlice {
  // Copies the message.
  OrtResult (*CreateStatus)(uint32_t code, const char *message);
  uint32_t (*GetErrorCode)(const OrtStatus *);
  const char *(*GetErrorMessage)(const OrtStatus *);
  OrtResult (*CreateEnv)(uint32_t least_severity, const char *log_id, OrtEnv **out);
  uintptr_t unused_4[2];
  OrtResult (*DisableTelemetryEvents)(const OrtEnv *);
  OrtResult (*CreateSession)(const OrtEnv *, const char *path, const OrtSessionOptions *, OrtSession **out);
  // The bytes are read before it returns.
  OrtResult (*CreateSessionFromArray)(const OrtEnv *, const void *model, size_t bytes, const OrtSessionOptions *,
                                      OrtSession **out);
  // Outputs that are NULL on entry are allocated, and then the caller's to release.
  OrtResult (*Run)(OrtSession *, const OrtRunOptions *, const OrtName *input_names,
                   const OrtValue *const *inputs, size_t input_count, const OrtName *output_names,
                   size_t output_count, OrtValue **outputs);
  OrtResult (*CreateSessionOptions)(OrtSessionOptions **out);
  uintptr_t unused_11[2];
  OrtResult (*SetSessionExecutionMode)(OrtSessionOptions *, uint32_t mode);
  uintptr_t unused_14[9];
  OrtResult (*SetSessionGraphOptimizationLevel)(OrtSessionOptions *, uint32_t level);
  OrtResult (*SetIntraOpNumThreads)(OrtSessionOptions *, int threads);
  OrtResult (*SetInterOpNumThreads)(OrtSessionOptions *, int threads);
  OrtResult (*CreateCustomOpDomain)(const char *name, OrtCustomOpDomain **out);
  // The operator stays the caller's, and must outlive every session that knows the domain, as the domain must.
  OrtResult (*CustomOpDomain_Add)(OrtCustomOpDomain *, const OrtCustomOp *);
  OrtResult (*AddCustomOpDomain)(OrtSessionOptions *, OrtCustomOpDomain *);
  uintptr_t unused_29[1];
  OrtResult (*SessionGetInputCount)(const OrtSession *, size_t *out);
  OrtResult (*SessionGetOutputCount)(const OrtSession *, size_t *out);
  uintptr_t unused_32[1];
  OrtResult (*SessionGetInputTypeInfo)(const OrtSession *, size_t index, OrtTypeInfo **out);
  OrtResult (*SessionGetOutputTypeInfo)(const OrtSession *, size_t index, OrtTypeInfo **out);
  uintptr_t unused_35[1];
  // Names come from the allocator and go back to it.
  OrtResult (*SessionGetInputName)(const OrtSession *, size_t index, OrtAllocator *, char **out);
  OrtResult (*SessionGetOutputName)(const OrtSession *, size_t index, OrtAllocator *, char **out);
  uintptr_t unused_38[10];
  OrtResult (*CreateTensorAsOrtValue)(OrtAllocator *, const int64_t *shape, size_t rank, uint32_t element,
                                      OrtValue **out);
  // The memory stays the caller's and must outlive the value.
  OrtResult (*CreateTensorWithDataAsOrtValue)(const OrtMemoryInfo *, void *data, size_t bytes, const int64_t *shape,
                                              size_t rank, uint32_t element, OrtValue **out);
  uintptr_t unused_50[1];
  OrtResult (*GetTensorMutableData)(OrtValue *, void **out);
  uintptr_t unused_52[1];
  OrtResult (*GetStringTensorDataLength)(const OrtValue *, size_t *out);
  OrtResult (*GetStringTensorContent)(const OrtValue *, void *characters, size_t bytes, size_t *offsets, size_t count);
  // The result belongs to the type it was cast from.
  OrtResult (*CastTypeInfoToTensorInfo)(const OrtTypeInfo *, const OrtTensorTypeAndShapeInfo **out);
  OrtResult (*GetOnnxTypeFromTypeInfo)(const OrtTypeInfo *, uint32_t *out);
  uintptr_t unused_57[3];
  OrtResult (*GetTensorElementType)(const OrtTensorTypeAndShapeInfo *, uint32_t *out);
  OrtResult (*GetDimensionsCount)(const OrtTensorTypeAndShapeInfo *, size_t *out);
  OrtResult (*GetDimensions)(const OrtTensorTypeAndShapeInfo *, int64_t *out, size_t rank);
  OrtResult (*GetSymbolicDimensions)(const OrtTensorTypeAndShapeInfo *, OrtName * out, size_t rank);
  uintptr_t unused_64[1];
  OrtResult (*GetTensorTypeAndShape)(const OrtValue *, OrtTensorTypeAndShapeInfo **out);
  uintptr_t unused_66[3];
  OrtResult (*CreateCpuMemoryInfo)(int32_t allocator, int32_t memory, OrtMemoryInfo **out);
  uintptr_t unused_70[6];
  OrtResult (*AllocatorFree)(OrtAllocator *, void *);
  uintptr_t unused_77[1];
  OrtResult (*GetAllocatorWithDefaultOptions)(OrtAllocator **out);
  uintptr_t unused_79[11];
  // What these return stays the context's.
  OrtResult (*KernelContext_GetInput)(const OrtKernelContext *, size_t index, const OrtValue **out);
  OrtResult (*KernelContext_GetOutput)(OrtKernelContext *, size_t index, const int64_t *shape, size_t rank,
                                       OrtValue **out);
  void (*ReleaseEnv)(OrtEnv *);
  void (*ReleaseStatus)(OrtStatus *);
  void (*ReleaseMemoryInfo)(OrtMemoryInfo *);
  void (*ReleaseSession)(OrtSession *);
  void (*ReleaseValue)(OrtValue *);
  uintptr_t unused_97[1];
  void (*ReleaseTypeInfo)(OrtTypeInfo *);
  void (*ReleaseTensorTypeAndShapeInfo)(OrtTensorTypeAndShapeInfo *);
  void (*ReleaseSessionOptions)(OrtSessionOptions *);
  void (*ReleaseCustomOpDomain)(OrtCustomOpDomain *);
  uintptr_t unused_102[9];
  OrtResult (*SessionGetModelMetadata)(const OrtSession *, OrtModelMetadata **out);
  // Texts come from the allocator and go back to it.
  OrtResult (*ModelMetadataGetProducerName)(const OrtModelMetadata *, OrtAllocator *, char **out);
  OrtResult (*ModelMetadataGetGraphName)(const OrtModelMetadata *, OrtAllocator *, char **out);
  OrtResult (*ModelMetadataGetDomain)(const OrtModelMetadata *, OrtAllocator *, char **out);
  OrtResult (*ModelMetadataGetDescription)(const OrtModelMetadata *, OrtAllocator *, char **out);
  OrtResult (*ModelMetadataLookupCustomMetadataMap)(const OrtModelMetadata *, OrtAllocator *, const char *key,
                                                    char **out);
  OrtResult (*ModelMetadataGetVersion)(const OrtModelMetadata *, int64_t *out);
  void (*ReleaseModelMetadata)(OrtModelMetadata *);
  uintptr_t unused_119[4];
  // The array and each of its texts come from the allocator.
  OrtResult (*ModelMetadataGetCustomMetadataMapKeys)(const OrtModelMetadata *, OrtAllocator *,
                                                     char ***out, int64_t *count);
  uintptr_t unused_124[6];
  OrtResult (*AddSessionConfigEntry)(OrtSessionOptions *, const char *key, const char *value);
  uintptr_t unused_131[121];
  OrtResult (*GetResizedStringTensorElementBuffer)(OrtValue *, size_t index, size_t bytes, char **out);
} OrtApiSlice;

// What the library's one exported function, OrtGetApiBase, returns.
typedef struct OrtApiDoor {
  // NULL if the library is older than the version asked for.
  const OrtApiSlice *(*GetApi)(uint32_t version);
  const char *(*GetVersionString)(void);
} OrtApiDoor;

typedef const OrtApiDoor *(*OrtGetApiBaseFunction)(void);


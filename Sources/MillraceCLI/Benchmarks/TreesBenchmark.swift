import EventDecoding
import Foundation
import Millrace
import ModelRuntime

/// The workload `trees`: what a row of the fraud model alone costs with compiled trees and in ONNX Runtime, by the size of the batch. Both
/// score the same payments, in turn, on one thread.
struct TreesBenchmark {
  private static let model = "config/models/fraud"
  private static let payments = 4_096
  private static let sizes = [1, 4, 16, 64, 256, 1_024]
  private static let seconds = 0.3

  func round(_ round: Int) throws -> [BenchmarkResult] {
    let models = try [("compiled", true), ("ONNX Runtime's", false)].map { variant, isCompiled in
      let model = try ONNXModel(path: Self.model, name: "fraud", options: ONNXOptions(compilesTrees: isCompiled))
      if isCompiled, case .left(let reason) = model.trees { throw BenchmarkFault("the trees were not compiled: \(reason)") }
      return (variant, model)
    }
    let inputs = try Self.inputs(models[0].1.signature)
    let runs = try models.map { variant, model in (variant, try model.makeSession(inputs: inputs)) }
    return try Self.sizes.flatMap { size in
      try runs.map { variant, session in
        var result = try measure(session, size, round)
        result.variant = variant
        return result
      }
    }
  }

  /// The payments' features, as a worker's decoder writes them.
  private static func inputs(_ signature: ModelSignature) throws -> InputTensors {
    let decoder = try PaymentDecoder(routes: [], features: PaymentDecoder.features, rows: payments)
    var members = ByteBuffer()
    for (row, payment) in PaymentDecoder.payments(payments).enumerated() {
      try payment.withUnsafeBytes { bytes in
        guard decoder.decoder.route(RecordView(value: bytes)).lane == 0, decoder.decoder.decode(row: row, members: &members) == nil else {
          throw BenchmarkFault("payment \(row) could not be decoded")
        }
      }
      members.removeAll()
    }
    let inputs = InputTensors(signature.inputs, capacity: payments)
    withExtendedLifetime(decoder) {
      inputs.block(0).base.copyMemory(from: decoder.tensor, byteCount: payments * decoder.width * MemoryLayout<Float>.stride)
    }
    return inputs
  }

  private func measure(_ session: any ModelSession, _ size: Int, _ round: Int) throws -> BenchmarkResult {
    var (rows, first) = (0, 0)
    let (start, before) = (MonotonicTime.now, ProcessUsage.now)
    var elapsed = 0.0
    while elapsed < Self.seconds {
      for _ in 0..<max(1, 1_024 / size) {
        try session.run(rows: first..<(first + size))
        rows += size
        first = first + 2 * size > Self.payments ? 0 : first + size
      }
      elapsed = Double(MonotonicTime.now.nanoseconds - start.nanoseconds) / 1e9
    }
    var result = BenchmarkResult("trees", round: round)
    result.kind = "scaling"
    result.by = "rows"
    result.x = size
    result.records = rows
    result.seconds = elapsed
    result.recordsPerS = Double(rows) / elapsed
    result.cpuUsPerRecord = (ProcessUsage.now.cpuSeconds - before.cpuSeconds) * 1e6 / Double(rows)
    return result
  }
}

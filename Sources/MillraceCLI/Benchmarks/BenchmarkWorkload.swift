import ArgumentParser

/// A workload that `millrace bench` measures. Each reads a topic that was filled before the clock starts.
enum BenchmarkWorkload: String, CaseIterable, ExpressibleByArgument {
  case fraud, ffnn, transport, mixed, replay, watched, skip, start, decode, trees

  /// The records that a topic is filled with.
  enum Payload {
    case payment
    /// Payments of less than 500, with the header `priority: normal` and no timestamp: no latency is counted for them.
    case bulkPayment
    case numbers
    case block
  }

  var payload: Payload {
    switch self {
    case .fraud, .start, .decode, .trees: .payment
    case .mixed, .replay, .watched, .skip: .bulkPayment
    case .ffnn: .numbers
    case .transport: .block
    }
  }

  var records: Int {
    switch self {
    case .fraud: 400_000
    case .ffnn: 50_000
    case .transport: 2_000_000
    case .skip, .decode: 1_000_000
    // They must last as long as the urgent records beside them.
    case .mixed, .replay: 2_500_000
    case .watched, .start, .trees: 0
    }
  }

  /// How many bytes a record takes in the broker's log.
  private var recordBytes: Int {
    switch self {
    case .fraud, .mixed, .replay, .watched, .skip, .start, .decode, .trees: 620
    case .ffnn: 8_600
    case .transport: 125
    }
  }

  /// How many partitions so many records need: the embedded broker keeps 5 MiB or 100,000 records of each.
  func partitions(for records: Int) -> Int { max(4, max(records * recordBytes / (4 << 20), records / 90_000) + 1) }

  static let folder = "Tests/Benchmarks/workloads"
}

import ArgumentParser
import Millrace

struct BoundArgument: ExpressibleByArgument {
  let text: String
  let bound: ReplayBound

  init?(argument: String) {
    guard let bound = ReplayBound(argument, nowMs: RecordTime.now) else { return nil }
    text = argument
    self.bound = bound
  }
}

struct PartitionsArgument: ExpressibleByArgument {
  let selection: PartitionSelection

  init?(argument: String) {
    guard let selection = PartitionSelection(argument) else { return nil }
    self.selection = selection
  }
}

/// An argument that is a rate: `500/s` or `500`.
struct RateArgument: ExpressibleByArgument {
  let perSecond: Double

  init?(argument: String) {
    let number = argument.hasSuffix("/s") ? argument.dropLast(2) : argument[...]
    guard let perSecond = Double(number), perSecond >= 0.01, perSecond <= 1e9 else { return nil }
    self.perSecond = perSecond
  }
}

/// An argument that is a pace: `original`, or `10x`.
struct PaceArgument: ExpressibleByArgument {
  let speed: Double

  init?(argument: String) {
    if argument == "original" {
      speed = 1
    } else if argument.hasSuffix("x"), let speed = Double(argument.dropLast()), speed >= 0.001, speed <= 1e6 {
      self.speed = speed
    } else {
      return nil
    }
  }
}

import EventDecoding
import KafkaClient
import ModelRuntime

/// What of a record's value goes into its dead letter, by `dead_letter.payload`. One worker's.
final class DeadLetterPayload {
  private let mode: Configuration.DeadLetter.Payload
  /// For `fields`: one for each of the lane's lists of routes, as they are compiled together with the members.
  private let decoders: [EventDecoder]
  private let programByTopic: [String: Int]
  private var json = ByteBuffer()

  init(_ lane: Lane) throws {
    mode = lane.delivery.deadLetterPayload
    programByTopic = lane.decoding.programByTopic
    decoders = try lane.decoding.letterPrograms.map { program in
      let decoder = try EventDecoder(program, lane: lane.index)
      try decoder.bind([])
      return decoder
    }
  }

  var isFull: Bool { mode == .full }

  /// The dead letter's value, valid until the next call; nil is NULL. With `fields`, an event that can't be read has none.
  func value(of record: KafkaRecord, topic: String) -> UnsafeRawBufferPointer? {
    switch mode {
    case .full: return record.value
    case .none: return nil
    case .fields:
      guard record.value != nil, let program = programByTopic[topic] else { return nil }
      let decoder = decoders[program]
      _ = decoder.route(record.view)
      json.removeAll()
      json.append("{")
      if decoder.decode(row: 0, members: &json) != nil { return nil }
      json.append("}")
      return json.bytes
    }
  }
}

extension Lane {
  /// The fault as the dead letter says it: values of the event stand only where the event does.
  func words(of fault: DecodingFault) -> FailureText {
    delivery.deadLetterPayload == .full ? FailureText(full: fault.description, shown: fault.shown) : FailureText(fault.brief)
  }

  /// A model's own words may quote what it was given.
  func words(of error: ModelError) -> FailureText {
    delivery.deadLetterPayload == .full
      ? FailureText(full: error.message, shown: error.shown) : "the model rejects the record; dead_letter.payload keeps its words back"
  }

  /// Why rows are unanswered, as a dead letter says it: what happened, and the key that decides.
  func words(of why: Unanswered) -> FailureText {
    let fault = words(of: why.error)
    return switch why.reason {
    case .usedUp(let attempts): "\(fault); it failed \(attempts) \(attempts == 1 ? "time" : "times in a row") (lanes.\(name).retry)"
    case .circuitOpen: "the circuit is open (lanes.\(name).breaker): the model failed too often, the last time because: \(fault)"
    case .stopping: "\(fault); the worker was told to stop"
    }
  }
}

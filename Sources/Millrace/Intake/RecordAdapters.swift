import CEL
import EventDecoding
import KafkaClient
import ModelRuntime

// Where the words of the Kafka client and of the model runtime meet those of event decoding, which knows neither.

extension KafkaRecord {
  /// The record as routes and features see it. Valid as long as the record is.
  var view: RecordView { view(topic: topicBytes, timestampMs: timestampMs) }

  /// The same for a caller that knows the topic's name and the timestamp.
  @inline(__always)
  func view(topic: UnsafeRawBufferPointer, timestampMs: Int64) -> RecordView {
    RecordView(
      value: value, key: key, topic: topic, partition: partition, offset: offset, timestampMs: timestampMs,
      headers: TextMap(context: address, find: findHeader, at: headerAt))
  }
}

private let findHeader: TextMap.Find = { context, name, value, length in
  guard let context, let found = KafkaRecord(address: context).header(name) else { return false }
  value.pointee = found?.baseAddress
  length.pointee = found?.count ?? 0
  return true
}

private let headerAt: TextMap.At = { context, index, name, value, length in
  guard let context, let header = KafkaRecord(address: context).header(at: index) else { return false }
  name.pointee = header.name
  value.pointee = header.value?.baseAddress
  length.pointee = header.value?.count ?? 0
  return true
}

extension FeatureType {
  init(_ type: ElementType) {
    self =
      switch type {
      case .float32: .float32
      case .float64: .float64
      case .int64: .int64
      case .int32: .int32
      case .bool: .bool
      case .string: .string
      }
  }
}

extension FeatureVector.Encoding {
  init(_ encoding: Configuration.Feature.Vector.Encoding) {
    self =
      switch encoding {
      case .array: .array
      case .csv: .csv
      case .base64: .base64
      }
  }
}

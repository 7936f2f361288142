import Foundation
import KafkaClient
import Testing

@Suite struct KafkaRecordTests {
  @Test func keysValuesAndHeadersComeBackAsTheyWereNullEmptyAndBinary() throws {
    let binary: [UInt8] = [0, 255, 10, 0, 128]
    let shapes: [[UInt8]?] = [nil, [], binary]
    try Harness.withMock { mock in
      try mock.createTopic("shapes")
      try Harness.withProducer(mock.bootstrapServers) { producer in
        for key in shapes {
          for value in shapes {
            var headers = RecordHeaders(capacity: 3)
            headers.add("null", nil)
            withBytes([]) { headers.add("empty", $0) }
            withBytes(binary) { headers.add("binary", $0) }
            withBytes([1]) { headers.add("twice", $0) }
            withBytes([2]) { headers.add("twice", $0) }
            try producer.send("shapes", value, key: key, headers: headers)
          }
        }
        try producer.flush(timeoutMs: 30_000)
      }
      try Harness.withConsumer(mock.bootstrapServers) { consumer in
        try consumer.assign([PartitionOffset(topic: "shapes", partition: 0, offset: PartitionOffset.beginning)])
        var copies: [Copy] = []
        try Harness.run(until: copies.count == 9) { copies += consumer.take() }
        let expected = shapes.flatMap { key in shapes.map { (key, $0) } }
        for (index, (key, value)) in expected.enumerated() {
          #expect(copies[index].key == key)
          #expect(copies[index].value == value)
          #expect(copies[index].offset == Int64(index))
          #expect(
            copies[index].headers == [
              .init(name: "null", value: nil), .init(name: "empty", value: []), .init(name: "binary", value: binary),
              .init(name: "twice", value: [1]), .init(name: "twice", value: [2]),
            ])
        }
      }
    }
  }

  @Test func timestampsComeBackAndHeadersAreFoundByName() throws {
    try Harness.withMock { mock in
      try mock.createTopic("stamped")
      let before = Int64(Date().timeIntervalSince1970 * 1000)
      try Harness.withProducer(mock.bootstrapServers) { producer in
        let topic = try producer.topic("stamped")
        var headers = RecordHeaders(capacity: 3)
        withBytes([1]) { headers.add("twice", $0) }
        withBytes([2]) { headers.add("twice", $0) }
        headers.add("null", nil)
        _ = producer.produce(to: topic, partition: 0, key: nil, value: nil, headers: headers, timestampMs: 1_700_000_000_123)
        _ = producer.produce(to: topic, partition: 0, key: nil, value: nil, headers: nil)
        try producer.flush(timeoutMs: 60_000)
      }
      try Harness.withConsumer(mock.bootstrapServers) { consumer in
        try consumer.assign([PartitionOffset(topic: "stamped", partition: 0, offset: PartitionOffset.beginning)])
        try withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: 2) { buffer in
          var count = 0
          try Harness.run(until: count == 2) {
            count += consumer.poll(into: UnsafeMutableBufferPointer(rebasing: buffer[count...]), timeoutMs: 50)
          }
          defer { buffer.forEach { $0.destroy() } }
          #expect(buffer[0].timestampMs == 1_700_000_000_123)
          #expect(buffer[1].timestampMs >= before)
          #expect(buffer[0].topicHandle == buffer[1].topicHandle)
          #expect(buffer[0].headerCount == 3)
          #expect(buffer[0].header("twice").map { $0.map(Array.init) } == [2])
          #expect(buffer[0].header("null").map { $0 == nil } == true)
          #expect(buffer[0].header("absent") == nil)
          #expect(!buffer[1].hasHeaders)
          #expect(buffer[1].header("twice") == nil)
        }
      }
    }
  }

  @Test func theHeadersOfARecordCanBeSentOnWithMoreOfThem() throws {
    try Harness.withMock { mock in
      try mock.createTopic("relay")
      try Harness.withProducer(mock.bootstrapServers) { producer in
        try Harness.withConsumer(mock.bootstrapServers) { consumer in
          var headers = RecordHeaders(capacity: 2)
          headers.add("null", nil)
          withBytes([0, 1]) { headers.add("kept", $0) }
          try producer.send("relay", nil, headers: headers)
          try producer.flush(timeoutMs: 60_000)
          try consumer.assign([PartitionOffset(topic: "relay", partition: 0, offset: PartitionOffset.beginning)])
          try withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: 1) { buffer in
            try Harness.run(until: consumer.poll(into: buffer, timeoutMs: 50) == 1) {}
            var copy = RecordHeaders(capacity: 3)
            buffer[0].forEachHeader { copy.add($0, $1) }
            buffer[0].destroy()
            copy.add("added", "ü")
            #expect(copy.count == 3)
            #expect(copy.bytes == "null".utf8.count + "kept".utf8.count + 2 + "added".utf8.count + "ü".utf8.count)
            try producer.send("relay", nil, headers: copy)
          }
          try producer.flush(timeoutMs: 60_000)
          var copies: [Copy] = []
          try Harness.run(until: copies.count == 1) { copies += consumer.take() }
          #expect(
            copies[0].headers == [
              .init(name: "null", value: nil), .init(name: "kept", value: [0, 1]), .init(name: "added", value: Array("ü".utf8)),
            ])
        }
      }
    }
  }
}

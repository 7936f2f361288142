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
}

import KafkaClient

/// What the worker tells those who watch it.
extension Worker {
  var pulse: WorkerPulse { statistics.pulse }

  /// Says how far its partitions are, at most once a second unless they have changed.
  func report(always: Bool = false) {
    guard always || now - lastReport >= .seconds(1) else { return }
    lastReport = now
    let progress = table.entries.indices.compactMap { index -> WorkerPulse.Progress? in
      guard tracker.owns(index) else { return nil }
      let partition = table.entries[index].partition
      let marks = consumer.cachedWatermarks(of: partition)
      let handled = tracker.handled(index)
      let low = max(marks?.low ?? 0, handled < 0 ? begins[index] ?? 0 : 0)
      return WorkerPulse.Progress(
        partition: "\(partition)", handled: handled < 0 ? nil : handled, committed: confirmed[index], low: low,
        end: marks?.high)
    }
    pulse.update { $0.progress = progress }
  }

  /// librdkafka says when it has lost every broker, and nothing when one is back. Its statistics know, and so do answers.
  func noteStatistics(_ text: String) {
    statistics.journal.note(consumerStatistics: text)
    if !pulse.state.isConnected, KafkaStatistics.isConnected(text) { noteConnected() }
  }

  func noteAssigned() {
    pulse.update { $0.isAssigned = true }
    noteConnected()
  }

  private func noteConnected() {
    if !pulse.state.isConnected { pulse.update { ($0.isConnected, $0.readError) = (true, nil) } }
  }

  func noteCommit(_ offsets: [PartitionOffset], _ error: KafkaError?) {
    if error == nil {
      for offset in offsets {
        let index = table.index(of: offset.partition, tracker: &tracker)
        if tracker.owns(index) { confirmed[index] = offset.offset }
      }
      noteConnected()
    }
    pulse.update { $0.commitError = error.map { "\($0)" } }
  }

  func noteReadError(_ error: KafkaError) {
    pulse.update { $0.note(readError: error) }
  }
}

import KafkaClient
import Testing

@testable import Millrace

/// The order in which batches are done, and which reports still mean something.
@Suite struct FlightsTests {
  @Test func flightsRetireInTheOrderOfTheirLaunch() throws {
    try withRecords(3) { records in
      var flights = Flights(capacity: 4)
      let tokens = records.map { add($0, to: &flights, launching: true) }
      land(tokens[2], in: &flights)
      land(tokens[1], in: &flights)
      #expect(retired(&flights) == [], "the oldest is still on its way")
      #expect(flights.recordsInFlight == 1)
      land(tokens[0], in: &flights)
      #expect(retired(&flights) == [0, 1, 2])
      #expect(flights.isEmpty)
    }
  }

  @Test func aFlightRetiresOnlyWhenItsLastRecordHasLanded() throws {
    try withRecords(2) { records in
      var flights = Flights(capacity: 2)
      let tokens = records.map { add($0, to: &flights, launching: false) }
      #expect(flights.openFlight.isFull)
      launch(&flights, mark: 0)
      land(tokens[0], in: &flights)
      #expect(retired(&flights) == [])
      land(tokens[1], in: &flights)
      #expect(retired(&flights) == [0])
      #expect(flights.recordsInFlight == 0)
    }
  }

  @Test func aRecordThatLandsBeforeTheLaunchIsNotInFlight() throws {
    try withRecords(2) { records in
      var flights = Flights(capacity: 2)
      let tokens = records.map { add($0, to: &flights, launching: false) }
      land(tokens[0], in: &flights)
      #expect(flights.openFlight.record(0) == nil)
      #expect(flights.openFlight.count == 2, "its place stays taken")
      #expect(retired(&flights) == [], "the open flight is not done")
      launch(&flights, mark: 0)
      #expect(flights.recordsInFlight == 1)
      land(tokens[1], in: &flights)
      #expect(retired(&flights) == [0])
    }
  }

  @Test func aTokenNamesItsRecord() throws {
    try withRecords(4) { records in
      var flights = Flights(capacity: 2)
      let tokens = records.enumerated().map { add($1, to: &flights, partition: $0 * 10, launching: $0 % 2 == 1) }
      #expect(Set(tokens).count == 4)
      for (offset, token) in tokens.enumerated() {
        let (flight, index) = try #require(flights.find(token))
        #expect(flight.record(index)?.offset == Int64(offset))
        #expect(flight.partition(index) == offset * 10)
        #expect(flight.outcome(index) == .prediction)
      }
      flights.abandon()
    }
  }

  @Test func aSlotIsUsedAgainAndStartsClean() throws {
    try withRecords(4) { records in
      var flights = Flights(capacity: 1)
      var slots: Set<Int> = []
      for record in records {
        slots.insert(flights.openFlight.slot)
        #expect(flights.openFlight.count == 0 && flights.openFlight.pending == 0 && flights.openFlight.marks.isEmpty)
        let token = add(record, to: &flights, launching: false)
        #expect(flights.openFlight.outcome(0) == .prediction, "the outcome of the slot's last use is gone")
        flights.openFlight.setOutcome(0, .deadLetterScore)
        launch(&flights, mark: 7)
        land(token, in: &flights)
        #expect(retired(&flights) == [7])
      }
      #expect(slots.count == 2, "one flight fills while another is on its way")
    }
  }

  @Test func tokensOfAnAbandonedEraAreNotFound() throws {
    try withRecords(3) { records in
      var flights = Flights(capacity: 1)
      let launched = add(records[0], to: &flights, launching: true)
      let open = add(records[1], to: &flights, launching: false)
      flights.abandon()
      #expect(flights.isEmpty && flights.recordsInFlight == 0 && flights.openFlight.count == 0)
      #expect(flights.find(launched) == nil)
      #expect(flights.find(open) == nil)
      let token = add(records[2], to: &flights, launching: true)
      #expect(token != open && token != launched)
      #expect(flights.find(launched) == nil && flights.find(open) == nil)
      land(token, in: &flights)
      #expect(retired(&flights).count == 1)
    }
  }

  @Test func aFlightWithoutRecordsStillWaitsItsTurn() throws {
    try withRecords(1) { records in
      var flights = Flights(capacity: 1)
      let token = add(records[0], to: &flights, launching: true)
      launch(&flights, mark: 99)
      #expect(retired(&flights) == [])
      land(token, in: &flights)
      #expect(retired(&flights) == [0, 99])
    }
  }

  @Test func theOrderHoldsOverThousandsOfFlightsThatAreNeverAllDone() {
    var flights = Flights(capacity: 1)
    launch(&flights, mark: 0)
    var done: [Int64] = []
    for mark in 1...5000 {
      launch(&flights, mark: Int64(mark))
      #expect(flights.retire { retired, _ in done += retired.map(\.next) })
      #expect(!flights.isEmpty)
    }
    #expect(done == Array(0..<5000))
  }

  @Test func outputsMayBeSentAfterTheirFlightHasTakenItsPlaceInTheOrder() throws {
    try withRecords(2) { records in
      var flights = Flights(capacity: 1)
      _ = flights.openFlight.add(records[0], partition: 0, timestampMs: -1)
      let first = flights.openFlight
      launch(&flights, mark: 0)
      let second = add(records[1], to: &flights, launching: true)
      #expect(flights.recordsInFlight == 2, "a record whose output is not there yet is on its way, too")
      land(second, in: &flights)
      #expect(retired(&flights) == [], "what is behind it waits")
      land(flights.token(first, record: 0), in: &flights)
      #expect(retired(&flights) == [0, 1])
    }
  }

  @Test func aRecordWithSeveralOutputsLandsWithTheLastOfThem() throws {
    try withRecords(2) { records in
      var flights = Flights(capacity: 1)
      let token = add(records[0], to: &flights, launching: false)
      flights.openFlight.addOutput(0)
      flights.openFlight.addOutput(0)
      launch(&flights, mark: 0)
      for _ in 0..<2 {
        let (flight, index) = try #require(flights.find(token))
        let isLast = flights.land(flight, record: index)
        #expect(!isLast)
        #expect(flight.record(index) != nil, "a refused output becomes a dead letter of the record")
        #expect(retired(&flights) == [] && flights.recordsInFlight == 1)
      }
      land(token, in: &flights)
      #expect(retired(&flights) == [0])
      let next = add(records[1], to: &flights, launching: true)
      land(next, in: &flights)
      #expect(retired(&flights) == [1], "the next record of the slot has one output again")
    }
  }

  /// Adds a record to the open flight; a launched flight's mark is the record's offset.
  private func add(_ record: KafkaRecord, to flights: inout Flights, partition: Int = 0, launching: Bool) -> UInt {
    let offset = record.offset
    let index = flights.openFlight.add(record, partition: partition, timestampMs: -1)
    let token = flights.token(flights.openFlight, record: index)
    if launching { launch(&flights, mark: offset) }
    return token
  }

  private func launch(_ flights: inout Flights, mark: Int64) {
    flights.openFlight.marks.append(PartitionLedger.Mark(partition: 0, next: mark, generation: 0))
    flights.launch()
  }

  private func land(_ token: UInt, in flights: inout Flights) {
    guard let (flight, record) = flights.find(token) else {
      Issue.record("token \(token) is not found")
      return
    }
    flights.land(flight, record: record)
  }

  private func retired(_ flights: inout Flights) -> [Int64] {
    var marks: [Int64] = []
    while flights.retire({ retired, _ in marks += retired.map(\.next) }) {}
    return marks
  }

  /// Records with offsets from 0, which the body owns.
  private func withRecords(_ count: Int, _ body: ([KafkaRecord]) throws -> Void) throws {
    try RecordSource.with { source in
      for number in 0..<count { try source.send(String(number)) }
      try body(source.take(count))
    }
  }
}

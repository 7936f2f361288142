/// What a seed makes of a run.
struct FaultPlan {
  let isExactlyOnce: Bool
  let brokerCount: Int
  let maxBatchSize: Int
  let maxDelay: String
  let restWorkers: Int
  /// Members join and leave.
  var changesMembers: Bool
  /// The first member, and some later ones, are processes of their own, and are killed.
  var kills: Bool
  /// Requests that make a group are refused too, and its coordinator goes down.
  var hasGroupFaults: Bool
  let breaksBrokers: Bool
  let rounds: Int

  /// - Parameters:
  ///   - isCalm: leave out what librdkafka's mock of groups can't bear.
  ///   - isReal: of a cluster whose brokers can't be told to fail.
  init(isCalm: Bool, isReal: Bool, _ random: inout SeededGenerator) {
    isExactlyOnce = Bool.random(using: &random)
    brokerCount = Int.random(in: 1...3, using: &random)
    maxBatchSize = Int.random(in: 1...32, using: &random)
    maxDelay = ["0ms", "5ms", "40ms"].randomElement(using: &random) ?? "0ms"
    restWorkers = Int.random(in: 1...2, using: &random)
    changesMembers = Int.random(in: 0..<5, using: &random) < 3 || isReal
    kills = changesMembers && (isReal ? Bool.random(using: &random) : Int.random(in: 0..<3, using: &random) == 0)
    hasGroupFaults = changesMembers && Int.random(in: 0..<4, using: &random) == 0 && !isReal
    breaksBrokers = changesMembers || Bool.random(using: &random)
    rounds = Int.random(in: 8...20, using: &random)
    if isCalm { (changesMembers, kills, hasGroupFaults) = (false, false, false) }
  }

  /// A mock cluster forgets the offsets of transactions, doesn't hide what is aborted, and keeps what is sent again after a broker
  /// went down twice. Where none of these happens, each output stands once.
  var mayRepeatOnMock: Bool { !isExactlyOnce || changesMembers || breaksBrokers }
}

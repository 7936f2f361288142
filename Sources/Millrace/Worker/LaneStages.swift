/// The stages of one worker: its own lane's, and with a replay those of the other lanes whose records it reads.
struct LaneStages {
  let own: LaneStage
  /// All of them, the own first.
  let all: [LaneStage]
  /// By the lane's place in the configuration.
  private let others: [LaneStage?]

  init(own: LaneStage, others: [LaneStage]) {
    self.own = own
    all = [own] + others
    var byLane = [LaneStage?](repeating: nil, count: (others.map(\.lane.index).max() ?? -1) + 1)
    for stage in others { byLane[stage.lane.index] = stage }
    self.others = byLane
  }

  /// Between two batches: a record is scored by one version of its model.
  func takeModels() {
    for stage in all { stage.takeModel() }
  }

  /// The stage of another lane; nil where this worker doesn't serve it.
  func other(_ lane: Int) -> LaneStage? { lane < others.count ? others[lane] : nil }
}

import EventDecoding
import KafkaClient
import ModelRuntime

/// A lane ready to run: everything its workers share. Nothing of it changes but the model, which is looked up before each batch.
public final class Lane: Sendable {
  /// The lane's name in the configuration.
  public let name: String
  /// Its place among the configuration's lanes, which is what routes name.
  let index: Int
  /// The topics that it reads.
  public let topics: [String]
  /// Whether the lane's model, and that of its fallback, keep the rows of a batch apart, as far as that is known. The lane's comes first.
  package let rowProbes: [(model: String, outcome: RowProbe.Outcome)]
  /// How many workers it has in each process.
  public let workers: Int
  let nice: Int
  /// Its hours; nil: it always runs.
  let active: ActiveWindow?
  let slot: ModelSlot
  let decoding: LaneDecoding
  let batching: LaneBatching
  let scoring: LaneScoring
  let delivery: LaneDelivery
  let clients: LaneClients

  init(
    _ lane: Configuration.Lane, of configuration: Configuration, index: Int, model: ModelBinding, decoding: LaneDecoding,
    fallback: Fallback? = nil, variant: LaneVariant? = nil, rowProbes: [(model: String, outcome: RowProbe.Outcome)] = []
  ) {
    name = lane.name.value
    self.index = index
    topics = variant?.topics ?? configuration.topics(of: lane).map(\.value)
    self.rowProbes = rowProbes
    workers = lane.workers.value
    nice = lane.threadNice
    active = lane.active?.value
    slot = ModelSlot(model)
    self.decoding = decoding
    batching = LaneBatching(lane, of: configuration)
    scoring = LaneScoring(lane, of: configuration, fallback: fallback)
    delivery = LaneDelivery(lane, of: configuration)
    clients = LaneClients(lane, of: configuration, groupID: variant?.group)
  }

  /// The group whose members the lane's workers are.
  public var groupID: String { clients.groupID }

  /// The model that answers now.
  public var model: any Model { slot.current.model }

  func startRule(for topic: String) -> StartRule { StartRule(lane: name, routes: decoding.routes(of: topic)) }
}

import KafkaClient
import Logging

/// A worker's two clients: the consumer, which is a member of the lane's group, and the producer of its outputs.
struct WorkerClients {
  let consumer: KafkaConsumer
  let producer: KafkaProducer

  /// - Parameter limits: of the topics that the producer writes.
  init(_ lane: Lane, index: Int, limits: OutputLimits, log: Logger) throws(KafkaError) {
    let sink = ClientLog(log)
    let clientID = "millrace-\(lane.groupID)-\(index)"
    consumer = try KafkaConsumer(lane.clients.consumerProperties(clientID: clientID, worker: index), log: sink.write)
    do {
      let batchSize = limits.batchSize(for: [lane.delivery.predictionTopic, lane.delivery.deadLetterTopic])
      producer = try KafkaProducer(
        lane.clients.producerProperties(clientID: clientID, worker: index, batchSize: batchSize), log: sink.write)
    } catch {
      consumer.close()
      throw error
    }
  }

  /// From now on what arrives at either raises this.
  func notify(_ wakeup: Wakeup) {
    consumer.notify(wakeup)
    producer.notify(wakeup)
  }

  func close() {
    consumer.close()
    producer.close()
  }
}

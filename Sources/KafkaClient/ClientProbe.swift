import CRdKafka

/// Finds out whether librdkafka refuses to make a client of properties, by making one. Only then does it look at how they go together, and
/// into the files that they name. The client knows no brokers, logs nothing, and is gone at once.
package enum ClientProbe {
  /// The error with which librdkafka refuses to make a consumer of these properties; nil if it makes one.
  package static func refusal(ofConsumer properties: KafkaProperties) -> KafkaError? {
    refusal(RD_KAFKA_CONSUMER, properties, KafkaConsumer.defaults(for: properties))
  }

  /// The error with which librdkafka refuses to make a producer of these properties; nil if it makes one.
  package static func refusal(ofProducer properties: KafkaProperties) -> KafkaError? {
    refusal(RD_KAFKA_PRODUCER, properties, [:])
  }

  private static func refusal(_ type: rd_kafka_type_t, _ properties: KafkaProperties, _ defaults: KafkaProperties) -> KafkaError? {
    // A plugin would take it for a client that is used.
    if properties["plugin.library.paths"] != nil { return nil }
    do throws(KafkaError) {
      var configuration = try ClientConfiguration(properties, defaults: defaults, connects: false)
      rd_kafka_conf_set_log_cb(configuration.handle, nil)
      // A new client with a Kerberos keytab fetches a ticket. One without is refused, but for this.
      if properties["sasl.kerberos.keytab"] != nil { _ = configuration.setIfKnown("sasl.kerberos.min.time.before.relogin", "0") }
      let client = try configuration.makeClient(type)
      // It has joined no group that it would have to leave.
      rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
      return nil
    } catch {
      return error
    }
  }
}

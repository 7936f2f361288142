import CRdKafka

/// A client that is made to hear what librdkafka has against its properties: it looks at how they go together, and into the files that they
/// name, only then. The client knows no brokers, says nothing, and is gone at once.
public enum ClientTrial {
  /// nil: librdkafka makes a consumer of these.
  public static func complaint(ofConsumer properties: KafkaProperties) -> KafkaError? {
    complaint(RD_KAFKA_CONSUMER, properties, KafkaConsumer.defaults(for: properties))
  }

  /// nil: librdkafka makes a producer of these.
  public static func complaint(ofProducer properties: KafkaProperties) -> KafkaError? {
    complaint(RD_KAFKA_PRODUCER, properties, [:])
  }

  private static func complaint(_ type: rd_kafka_type_t, _ properties: KafkaProperties, _ defaults: KafkaProperties) -> KafkaError? {
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

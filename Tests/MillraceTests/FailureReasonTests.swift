import Testing

@testable import Millrace

@Suite struct FailureReasonTests {
  @Test(arguments: [
    ("feature event.hour is missing", "feature event.hour is missing"),
    (
      #"feature event.hour: expected a number, found the string "planted""#, "feature event.hour: expected a number, found the string"
    ),
    ("feature event.a: expected a number, found nothing", "feature event.a: expected a number, found nothing"),
    (
      "the payload is not valid JSON: byte 19: expected a value, found planted",
      "the payload is not valid JSON: byte 19: expected a value, found something else"
    ),
    ("feature event.a: the number 4711 does not fit int32 (-5 to 5)", "feature event.a: the value does not fit int32 (-5 to 5)"),
    (
      #"event.a has no value: column 1: "planted \"found" text can't be read as int"#,
      #"event.a has no value: column 1: "…" text can't be read as int"#
    ),
    (#"id has no value: no such key: headers["priority"]"#, #"id has no value: no such key: headers["priority"]"#),
    (#"column 1: "plan" and "ted" differ"#, #"column 1: "…" differ"#),
  ])
  func valuesOfThePayloadAreLeftOut(_ reason: String, _ shown: String) {
    #expect(FailureReason.withoutValues(reason) == shown)
  }
}

import ModelRuntime
import Testing

@testable import Millrace

@Suite struct FailureTextTests {
  @Test func wordsThatArePutTogetherKeepBothForms() {
    let why = FailureText(full: #"found "planted""#, shown: "found a string")
    let text: FailureText = "the circuit is open (\(3) times): \(why); told \("twice")"
    #expect(text.full == #"the circuit is open (3 times): found "planted"; told twice"#)
    #expect(text.shown == "the circuit is open (3 times): found a string; told twice")
    #expect(FailureText("too large") == "too large")
    #expect(LaneFault(lane: "a", text: why).message == why.full && LaneFault(lane: "a", text: why).shown == why.shown)
  }

  @Test func aModelsOwnWordsAreShownUnlessTheyMayQuoteItsRows() {
    let quoting = ModelError(.run(transient: false), "model 'fraud' failed: Gather: indices element out of data bounds, idx=4711")
    #expect(!quoting.shown.contains("4711"))
    for kind in [ModelError.Kind.runtimeMissing, .load, .signature, .run(transient: true)] {
      #expect(ModelError(kind, "no memory is left").shown == "no memory is left")
    }
  }
}

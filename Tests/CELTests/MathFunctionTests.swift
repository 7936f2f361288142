import Testing

@Suite struct MathFunctionTests {
  @Test(arguments: [
    Row("math.greatest(1, 2.5, 2u)", "2.5"), Row("math.least([3, 1, 2])", "1"), Row("math.greatest(-5)", "-5"),
    Row("math.greatest([])", "error"),
    Row("math.greatest(dyn('a'))", "error"), Row("math.greatest(1, dyn('a'))", "error"), Row("math.least(1, 2, dyn('a'))", "error"),
    Row("math.greatest()", "error"),
  ])
  func `extremes are taken across number types`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("math.ceil(1.2)", "2.0"), Row("math.floor(-1.2)", "-2.0"), Row("math.round(-1.5)", "-2.0"), Row("math.trunc(-1.9)", "-1.0"),
    Row("math.abs(-3)", "3"),
    Row("math.abs(-3.5)", "3.5"), Row("math.abs(-9223372036854775808)", "error"), Row("math.sign(-2.5)", "-1.0"), Row("math.sign(0)", "0"),
    Row("math.sign(7u)", "1"),
    Row("math.sqrt(16)", "4.0"), Row("math.isNaN(0.0 / 0.0)", "true"), Row("math.isInf(-1.0 / 0.0)", "true"),
    Row("math.isFinite(1.0)", "true"),
    Row("math.ceil(dyn(1))", "error"), Row("math.ceil(event.n)", "7.0"),
  ])
  func `rounding and signs keep the type`(row: Row) {
    row.check(event: #"{"n": 7}"#)
  }

  @Test(arguments: [
    Row("math.bitAnd(12, 10)", "8"), Row("math.bitOr(12u, 10u)", "14"), Row("math.bitXor(12, 10)", "6"), Row("math.bitNot(0)", "-1"),
    Row("math.bitNot(0u)", "18446744073709551615"), Row("math.bitShiftLeft(1, 63)", "-9223372036854775808"),
    Row("math.bitShiftLeft(1, 64)", "0"),
    Row("math.bitShiftRight(-1, 63)", "1"), Row("math.bitShiftRight(8u, 2)", "2"), Row("math.bitShiftRight(8, -1)", "error"),
    Row("math.bitAnd(dyn(1), dyn(1u))", "error"),
  ])
  func `bits are those of 64-bit words`(row: Row) {
    row.check()
  }
}

extension TransactionGenerator {
  /// Writes an event as compact JSON and returns where the card's number is in `buffer`.
  func encode(_ draft: Draft, _ features: Features, number: Int, atMs: Int64, into buffer: inout [UInt8]) -> Range<Int> {
    let start = buffer.count
    let card = withUnsafeTemporaryAllocation(byteCount: JSONWriter.capacity, alignment: 8) { scratch in
      var json = JSONWriter(scratch)
      json.text("{\"id\":\"t")
      json.integer(number, digits: 8)
      json.text("\",\"card\":\"")
      let cardStart = json.count
      json.text("c")
      json.integer(draft.card, digits: 5)
      let cardEnd = json.count
      json.text("\",\"timestamp\":")
      json.integer(Int(atMs))
      json.text(",\"merchant\":\"m")
      json.integer(draft.merchant, digits: 4)
      json.text("\",\"country\":\"")
      json.text(World.countries[World.country(ofMerchant: draft.merchant)].code)
      json.text("\",\"category\":\"")
      json.text(World.categories[draft.category.rawValue].name)
      json.text("\"")
      encode(features, into: &json)
      json.text(draft.kind == .ordinary ? ",\"is_fraud\":false}" : ",\"is_fraud\":true}")
      buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: scratch[..<json.count]))
      return start + cardStart..<start + cardEnd
    }
    return card
  }

  /// Writes the features in the order of `featureNames`.
  private func encode(_ features: Features, into json: inout JSONWriter) {
    json.member(",\"amount\":", features.amountCents, decimals: 2)
    json.member(",\"hour\":", features.hour)
    json.member(",\"weekday\":", features.weekday)
    json.member(",\"avg_30d\":", features.meanCents, decimals: 2)
    json.member(",\"std_30d\":", features.deviationCents, decimals: 2)
    json.member(",\"amount_z\":", features.amountZHundredths, decimals: 2)
    json.member(",\"n_10m\":", features.payments10m)
    json.member(",\"n_1h\":", features.payments1h)
    json.member(",\"n_24h\":", features.payments24h)
    json.member(",\"sum_1h\":", features.sum1hCents, decimals: 2)
    json.member(",\"sum_24h\":", features.sum24hCents, decimals: 2)
    json.member(",\"max_7d\":", features.max7dCents, decimals: 2)
    json.member(",\"tiny_1h\":", features.tiny1h)
    json.member(",\"declines\":", features.declines24h)
    json.member(",\"gap_s\":", features.gapSeconds)
    json.member(",\"km_last\":", features.lastKilometres)
    json.member(",\"km_home\":", features.homeKilometres)
    json.member(",\"km_h\":", features.kilometresPerHour)
    json.member(",\"shop_risk\":", features.shopRiskTenThousandths, decimals: 4)
    json.member(",\"cat_risk\":", features.categoryRiskTenThousandths, decimals: 4)
    json.member(",\"shop_seen\":", features.shopPayments)
    json.member(",\"shops_24h\":", features.shops24h)
    json.member(",\"dev_days\":", features.deviceTenthDays, decimals: 1)
    json.member(",\"online\":", features.online)
    json.member(",\"chip\":", features.chip)
    json.member(",\"pin\":", features.pin)
    json.member(",\"abroad\":", features.abroad)
    json.member(",\"lands_7d\":", features.countries7d)
    json.member(",\"card_days\":", features.cardDays)
    json.member(",\"limit_use\":", features.limitUsedThousandths, decimals: 3)
  }
}

/// Appends ASCII to a block that is large enough for any event: about 420 bytes of text, two numbers of at most 20 bytes and 35 of 12.
private struct JSONWriter {
  /// The size of the block. A larger temporary allocation would come from the heap.
  static let capacity = 1_024
  private static let powersOfTen = [1, 10, 100, 1_000, 10_000]

  private let base: UnsafeMutableRawPointer
  private(set) var count = 0

  init(_ block: UnsafeMutableRawBufferPointer) {
    // A temporary allocation that is not empty has an address.
    base = block.baseAddress.unsafelyUnwrapped
  }

  mutating func text(_ text: StaticString) {
    precondition(count + text.utf8CodeUnitCount <= Self.capacity, "an event outgrew its block")
    base.advanced(by: count).copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
    count += text.utf8CodeUnitCount
  }

  mutating func member(_ name: StaticString, _ value: Int) {
    text(name)
    integer(value)
  }

  /// Writes a member with a decimal number. `value` counts units of the last decimal; zeros at the end are left out, as other JSON writers
  /// do.
  mutating func member(_ name: StaticString, _ value: Int, decimals: Int) {
    text(name)
    var digits = value.magnitude
    var places = decimals
    while places > 0, digits % 10 == 0 {
      digits /= 10
      places -= 1
    }
    if value < 0 { byte(UInt8(ascii: "-")) }
    let scale = UInt(Self.powersOfTen[places])
    unsigned(digits / scale, digits: 1)
    guard places > 0 else { return }
    byte(UInt8(ascii: "."))
    unsigned(digits % scale, digits: places)
  }

  /// Writes an integer with at least `digits` digits, with zeros in front.
  mutating func integer(_ value: Int, digits: Int = 1) {
    if value < 0 { byte(UInt8(ascii: "-")) }
    unsigned(value.magnitude, digits: digits)
  }

  private mutating func unsigned(_ value: UInt, digits: Int) {
    var length = 1
    var bound: UInt = 10
    while length < 19, value >= bound {
      length += 1
      bound &*= 10
    }
    if length == 19, value >= bound { length = 20 }
    length = max(length, digits)
    precondition(count + length + 2 <= Self.capacity, "an event outgrew its block")
    var rest = value
    var position = count + length
    while position > count {
      position -= 1
      base.storeBytes(of: UInt8(ascii: "0") + UInt8(rest % 10), toByteOffset: position, as: UInt8.self)
      rest /= 10
    }
    count += length
  }

  private mutating func byte(_ value: UInt8) {
    base.storeBytes(of: value, toByteOffset: count, as: UInt8.self)
    count += 1
  }
}

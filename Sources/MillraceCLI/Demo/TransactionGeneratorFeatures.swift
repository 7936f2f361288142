import Foundation

extension TransactionGenerator {
  /// The numbers that the fraud model sees, scaled to integers as they are printed. `config/models/fraud/README.md` explains each.
  struct Features {
    var amountCents = 0
    var hour = 0
    var weekday = 0
    var meanCents = 0
    var deviationCents = 0
    var amountZHundredths = 0
    var payments10m = 0
    var payments1h = 0
    var payments24h = 0
    var sum1hCents = 0
    var sum24hCents = 0
    var max7dCents = 0
    var tiny1h = 0
    var declines24h = 0
    var gapSeconds = 0
    var lastKilometres = 0
    var homeKilometres = 0
    var kilometresPerHour = 0
    var shopRiskTenThousandths = 0
    var categoryRiskTenThousandths = 0
    var shopPayments = 0
    var shops24h = 0
    var deviceTenthDays = 0
    var online = 0
    var chip = 0
    var pin = 0
    var abroad = 0
    var countries7d = 0
    var cardDays = 0
    var limitUsedThousandths = 0
  }

  /// The features' names in the events, in the model's order.
  static let featureNames = [
    "amount", "hour", "weekday", "avg_30d", "std_30d", "amount_z", "n_10m", "n_1h", "n_24h", "sum_1h", "sum_24h", "max_7d", "tiny_1h",
    "declines", "gap_s", "km_last", "km_home", "km_h", "shop_risk", "cat_risk", "shop_seen", "shops_24h", "dev_days", "online", "chip",
    "pin", "abroad", "lands_7d", "card_days", "limit_use",
  ]

  /// Computes a payment's features from its card's past, then makes it part of that past.
  mutating func settle(_ draft: Draft) -> Features {
    let index = draft.card
    let merchantCountry = World.country(ofMerchant: draft.merchant)
    var features = Features()
    features.amountCents = draft.cents
    features.hour = World.hour(atMs: draft.timeMs, in: draft.place.country)
    features.weekday = World.weekday(atMs: draft.timeMs, in: draft.place.country)
    features.shopRiskTenThousandths = Int(10_000 * world.risk(ofMerchant: draft.merchant))
    features.categoryRiskTenThousandths = Int(10_000 * World.categories[draft.category.rawValue].risk)
    features.online = draft.online ? 1 : 0
    features.chip = draft.chip ? 1 : 0
    features.pin = draft.pin ? 1 : 0
    features.abroad = merchantCountry == cards[index].home.country ? 0 : 1
    features.deviceTenthDays = draft.deviceSinceMs.map { Int(max(0, draft.timeMs - $0) / (Self.dayMs / 10)) } ?? -10
    features.cardDays = Int((draft.timeMs - cards[index].openedMs) / Self.dayMs)
    measureAmount(draft, into: &features)
    measureDistance(draft, into: &features)
    append(
      Payment(
        timeMs: draft.timeMs, cents: Int32(draft.cents), merchant: UInt16(draft.merchant), country: UInt8(merchantCountry),
        declined: draft.declined),
      toCard: index)
    measureWindows(draft, into: &features)
    features.shopPayments = visit(draft.merchant, byCard: index)
    return features
  }

  /// Compares the amount with the card's running mean and limit. A weight of 1/60 is a month at two payments a day.
  private mutating func measureAmount(_ draft: Draft, into features: inout Features) {
    let index = draft.card
    let cents = Double(draft.cents)
    let mean = cards[index].meanCents
    let deviation = cards[index].varianceCents.squareRoot()
    let difference = cents - mean
    features.meanCents = Int(mean)
    features.deviationCents = Int(deviation)
    features.amountZHundredths = Int(100 * difference / max(deviation, 100))
    cards[index].meanCents += difference / 60
    cards[index].varianceCents += (difference * difference - cards[index].varianceCents) / 60

    let limit = Double(cards[index].limitCents)
    let paidBack = limit * Double(draft.timeMs - cards[index].lastMs) / Double(30 * Self.dayMs)
    let spent = max(0, cards[index].spentCents - paidBack) + (draft.declined ? 0 : cents)
    cards[index].spentCents = min(spent, 1.5 * limit)
    features.limitUsedThousandths = Int(1_000 * cards[index].spentCents / limit)
  }

  private mutating func measureDistance(_ draft: Draft, into features: inout Features) {
    let index = draft.card
    let seconds = max(0, draft.timeMs - cards[index].lastMs) / 1_000
    let kilometres = World.kilometres(from: cards[index].lastPlace, to: draft.place)
    features.gapSeconds = Int(seconds)
    features.lastKilometres = Int(kilometres)
    features.homeKilometres = Int(World.kilometres(from: cards[index].home, to: draft.place))
    features.kilometresPerHour = min(9_999, Int(3_600 * kilometres / Double(max(seconds, 60))))
    cards[index].lastMs = draft.timeMs
    cards[index].lastPlace = draft.place
  }

  /// Counts and sums over the remembered payments, the present one included; the largest amount and the declined ones without it.
  private func measureWindows(_ draft: Draft, into features: inout Features) {
    let index = draft.card
    let newest = (cards[index].payments - 1) & (Self.rememberedPayments - 1)
    let remembered = min(cards[index].payments, Self.rememberedPayments)
    var countries: UInt32 = 0
    var shops = SIMD32<UInt16>(repeating: .max)
    history.withUnsafeBufferPointer { payments in
      for back in 0..<remembered {
        let slot = index * Self.rememberedPayments + (newest - back) & (Self.rememberedPayments - 1)
        let payment = payments[slot]
        let ageMs = draft.timeMs - payment.timeMs
        if ageMs > 7 * Self.dayMs { break }
        countries |= 1 << UInt32(payment.country)
        if back > 0 { features.max7dCents = max(features.max7dCents, Int(payment.cents)) }
        guard ageMs <= Self.dayMs else { continue }
        features.payments24h += 1
        features.sum24hCents += Int(payment.cents)
        if back > 0, payment.declined { features.declines24h += 1 }
        if !any(shops .== payment.merchant) {
          shops[features.shops24h] = payment.merchant
          features.shops24h += 1
        }
        guard ageMs <= Self.hourMs else { continue }
        features.payments1h += 1
        features.sum1hCents += Int(payment.cents)
        if payment.cents < 500 { features.tiny1h += 1 }
        if ageMs <= 600_000 { features.payments10m += 1 }
      }
    }
    features.countries7d = countries.nonzeroBitCount
  }

  /// Payments of the card to this merchant before; a new one takes the place of the one paid least.
  private mutating func visit(_ merchant: Int, byCard index: Int) -> Int {
    let known = cards[index].merchants .== UInt16(merchant)
    for slot in 0..<8 where known[slot] {
      let before = cards[index].merchantPayments[slot]
      cards[index].merchantPayments[slot] = min(before + 1, 999)
      return Int(before)
    }
    let fewest = cards[index].merchantPayments.min()
    for slot in 4..<8 where cards[index].merchantPayments[slot] == fewest {
      cards[index].merchants[slot] = UInt16(merchant)
      cards[index].merchantPayments[slot] = 1
      break
    }
    return 0
  }
}

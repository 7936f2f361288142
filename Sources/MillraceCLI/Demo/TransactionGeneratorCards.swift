import Foundation

extension TransactionGenerator {
  /// A card: what its holder is like, and what a bank would remember of its payments.
  struct Card {
    // Habits
    let home: Place
    /// The place of a second person who pays with the card, a student abroad for one. As a rule there is none.
    let secondHome: Place?
    /// The logarithm of the usual amount in EUR, the category aside.
    let logAmount: Double
    let logSpread: Double
    /// How active the card is: 0…1, against the busiest one.
    let activity: Double
    let onlineBias: Double
    /// Hours by which the holder's day is later than other people's.
    let lateHours: Int
    let openedMs: Int64
    let limitCents: Int64

    // Where the holder is. A card rests while its holder is on the way.
    var whereabouts: Place
    var tripEndMs: Int64 = 0
    var restsUntilMs: Int64 = 0

    // Memory
    var deviceSinceMs: Int64
    var lastPlace: Place
    var lastMs: Int64
    var meanCents: Double
    var varianceCents: Double
    var spentCents: Double
    /// The merchants paid most often and the number of payments to each.
    var merchants: SIMD8<UInt16>
    var merchantPayments: SIMD8<UInt16>
    /// Payments ever put into the card's part of `history`.
    var payments = 0
  }

  /// A past payment, as the windows of the features need it.
  struct Payment {
    var timeMs: Int64 = .min
    var cents: Int32 = 0
    var merchant: UInt16 = 0
    var country: UInt8 = 0
    var declined = false
  }

  /// How many payments are remembered of a card. A power of two; windows never count more.
  static let rememberedPayments = 32
  static let dayMs: Int64 = 86_400_000
  static let hourMs: Int64 = 3_600_000

  static func makeCard(world: World, nowMs: Int64, random: inout Random) -> Card {
    let home = world.place(in: world.homeCountry(random: &random), random: &random)
    let shared = random.chance(0.04)
    let secondHome = shared ? world.place(in: world.homeCountry(random: &random), random: &random) : nil
    let logAmount = log(58) + 0.6 * random.normal()
    let logSpread = random.between(0.5, 0.85)
    var merchants = SIMD8<UInt16>()
    for slot in 0..<8 {
      let category = world.category(atHour: 8 + slot, random: &random)
      merchants[slot] = UInt16(world.merchant(in: home.country, category, random: &random))
    }
    // Log-normal with this spread has this mean and variance; 1.4 is what the categories add on average.
    let mean = 140 * exp(logAmount + logSpread * logSpread / 2)
    let ageDays = random.between(20...2_500)
    let device = min(ageDays, random.between(0...900))
    return Card(
      home: home, secondHome: secondHome, logAmount: logAmount, logSpread: logSpread, activity: random.between(0.15, 1),
      onlineBias: random.between(0.5, 1.5), lateHours: random.chance(0.08) ? random.between(5...9) : 0,
      openedMs: nowMs - Int64(ageDays) * dayMs, limitCents: Int64(exp(logAmount + 4.0 + 0.3 * random.normal())) * 100,
      whereabouts: home, deviceSinceMs: nowMs - Int64(device) * dayMs - Int64(random.below(Int(dayMs))),
      lastPlace: home, lastMs: nowMs, meanCents: mean, varianceCents: mean * mean * 1.5,
      spentCents: 0, merchants: merchants, merchantPayments: SIMD8(40, 25, 16, 12, 8, 5, 3, 1))
  }

  /// Gives a new card a past, so that the first events of a run are like the later ones.
  mutating func remember(card index: Int, untilMs: Int64) {
    var timeMs = untilMs - Int64(random.between(6, 12) * Double(Self.dayMs))
    let meanGapMs = Double(Self.dayMs) * 0.3 / cards[index].activity
    while true {
      timeMs += Int64(random.exponential(mean: meanGapMs)) + 60_000
      guard timeMs < untilMs else { break }
      let merchant = Int(cards[index].merchants[random.below(4)])
      let cents = amount(ofCard: index, in: World.category(ofMerchant: merchant))
      append(
        Payment(timeMs: timeMs, cents: Int32(cents), merchant: UInt16(merchant), country: UInt8(cards[index].home.country)),
        toCard: index)
      cards[index].lastMs = timeMs
    }
    if cards[index].payments == 0 { cards[index].lastMs = untilMs - 10 * Self.dayMs }
    cards[index].spentCents = random.between(0, 0.6) * Double(cards[index].limitCents)
  }

  mutating func append(_ payment: Payment, toCard index: Int) {
    let slot = cards[index].payments & (Self.rememberedPayments - 1)
    history[index * Self.rememberedPayments + slot] = payment
    cards[index].payments += 1
  }

  /// An amount for a payment in cents, 0.50 to 20,000 EUR; cash comes in tens.
  mutating func amount(ofCard index: Int, in category: Category, times factor: Double = 1) -> Int {
    let card = cards[index]
    let usual = card.logAmount + World.categories[category.rawValue].logFactor
    return Self.payable(euros: factor * exp(usual + card.logSpread * random.normal()), in: category)
  }

  static func payable(euros: Double, in category: Category) -> Int {
    let capped = min(max(euros, 0.5), 20_000)
    return category == .cash ? max(1, Int(capped / 10)) * 1_000 : Int(capped * 100)
  }
}

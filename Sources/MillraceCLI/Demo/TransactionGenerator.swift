import Foundation

/// What is known of a generated event beside its bytes.
struct TransactionInfo: Sendable {
  /// Where the card's number lies in the buffer, without quotes: the record's key.
  let card: Range<Int>
  let kind: TransactionGenerator.Kind
  var isFraud: Bool { kind != .ordinary }
}

/// Makes the card payments of the fraud example as JSON events, about one in a hundred of them fraud.
///
/// A small world runs inside: cards with habits, merchants, and now and then a fraudster. It keeps its own clock, which starts at
/// `startMs` and passes two payments per card and day, however fast events are asked for: hours, gaps and windows in the features are
/// that clock's, so the model sees the same world at ten events a second and at a million. Only `timestamp` is the caller's clock.
///
/// The same seed, cards and times make the same bytes. A value of one owner; copying copies every card.
struct TransactionGenerator {
  /// A payment before it is an event: what its makers decide.
  struct Draft {
    var card: Int
    var kind: Kind
    var timeMs: Int64
    var place: Place
    var merchant: Int
    var category: Category
    var cents: Int
    var online: Bool
    var chip: Bool
    var pin: Bool
    /// Since when the card's device is known; nil at a terminal.
    var deviceSinceMs: Int64?
    var declined: Bool
  }

  /// The time of the generator's world.
  private(set) var nowMs: Int64
  var random: Random
  let world: World
  var cards: [Card]
  /// The last payments of all cards, `rememberedPayments` for each.
  var history: [Payment]
  var attacks: [Attack] = []
  var nextAttackMs: Int64 = .max
  private var events = 0
  /// The mean time between chances to pay, before cards that sleep or rest are passed over.
  private let meanStepMs: Double

  /// - Parameters:
  ///   - cards: 1 to 1,000,000; about 1 KB of memory each.
  ///   - startMs: when the world begins, in milliseconds of Unix time; kept between February 1970 and the
  ///     year 9999. As a rule the first minute of 2026.
  init(seed: UInt64, cards: Int = 20_000, startMs: Int64 = 1_767_225_600_000) {
    precondition((1...1_000_000).contains(cards), "a population has 1 to 1,000,000 cards")
    var random = Random(seed: seed)
    let world = World(random: &random)
    let start = min(max(startMs, 31 * Self.dayMs), 253_402_300_800_000)
    self.cards = (0..<cards).map { _ in Self.makeCard(world: world, nowMs: start, random: &random) }
    self.world = world
    self.random = random
    nowMs = start - Self.dayMs / 2
    history = Array(repeating: Payment(), count: cards * Self.rememberedPayments)
    // A third of the chances become payments: six chances make the two payments of a card's day.
    meanStepMs = Double(Self.dayMs) / (6 * Double(cards))
    for index in 0..<cards { remember(card: index, untilMs: nowMs) }
    // Half a day passes unseen, so that trips and fraud are under way at the first event. It is cut short for a large population.
    for _ in 0..<20_000 where nowMs < start { _ = settle(nextDraft()) }
  }

  /// Appends the next event, about 500 bytes without a line feed, to `buffer`.
  ///
  /// `atMs` becomes the event's `timestamp` and changes nothing else; nil stands for the world's clock.
  mutating func next(atMs: Int64? = nil, into buffer: inout [UInt8]) -> TransactionInfo {
    let draft = nextDraft()
    let features = settle(draft)
    events += 1
    let card = encode(draft, features, number: events, atMs: atMs ?? draft.timeMs, into: &buffer)
    return TransactionInfo(card: card, kind: draft.kind)
  }

  private mutating func nextDraft() -> Draft {
    while true {
      let stepMs = Int64(random.exponential(mean: meanStepMs) + 0.5)
      if nextAttackMs <= nowMs + stepMs {
        nowMs = max(nowMs, nextAttackMs)
        return nextAttackDraft()
      }
      nowMs += stepMs
      let index = random.below(cards.count)
      guard isAwake(card: index) else { continue }
      let draft = ordinaryDraft(card: index)
      maybeBeginAttack(onCard: index)
      return draft
    }
  }

  /// Decides whether a card takes its chance to pay; lets holders leave and come back.
  private mutating func isAwake(card index: Int) -> Bool {
    guard nowMs >= cards[index].restsUntilMs else { return false }
    let country = cards[index].whereabouts.country
    let hour = (World.hour(atMs: nowMs, in: country) + 24 - cards[index].lateHours) % 24
    guard random.chance(cards[index].activity * World.activityByHour[hour]) else { return false }
    if cards[index].tripEndMs != 0, nowMs > cards[index].tripEndMs {
      cards[index].tripEndMs = 0
      travel(card: index, to: cards[index].home)
      return false
    }
    if cards[index].tripEndMs == 0, random.chance(0.004) {
      cards[index].tripEndMs = nowMs + Int64(random.between(1, 9) * Double(Self.dayMs))
      travel(card: index, to: world.place(in: random.below(World.countries.count), random: &random))
      return false
    }
    return true
  }

  private mutating func travel(card index: Int, to place: Place) {
    let hours = 2 + World.kilometres(from: cards[index].whereabouts, to: place) / random.between(200, 700)
    cards[index].restsUntilMs = nowMs + Int64(hours * Double(Self.hourMs))
    cards[index].whereabouts = place
  }

  private mutating func ordinaryDraft(card index: Int) -> Draft {
    var current = cards[index].whereabouts
    if let second = cards[index].secondHome, random.chance(0.2) { current = second }
    let hour = World.hour(atMs: nowMs, in: current.country)
    let merchant: Int
    if cards[index].tripEndMs == 0, random.chance(0.62) {
      // The lower of two draws: the first merchants are the holder's usual ones.
      merchant = Int(cards[index].merchants[min(random.below(8), random.below(8))])
    } else {
      let category = world.category(atHour: hour, random: &random)
      let foreign = random.chance(0.12 * World.categories[category.rawValue].onlineShare)
      let country = foreign ? random.below(World.countries.count) : current.country
      merchant = world.merchant(in: country, category, random: &random)
    }
    let category = World.category(ofMerchant: merchant)
    let remote = World.country(ofMerchant: merchant) != current.country
    let online = category != .cash && (remote || random.chance(World.categories[category.rawValue].onlineShare * cards[index].onlineBias))
    if online, random.chance(0.01) { cards[index].deviceSinceMs = nowMs }
    // A large purchase now and then; an outing; a browser that seems to be abroad.
    let factor = random.chance(0.025) ? random.between(3, 14) : 1
    let place =
      online && random.chance(0.008)
      ? world.place(in: random.below(World.countries.count), random: &random)
      : world.place(near: current, kilometres: random.chance(0.1) ? 50 : online ? 3 : 9, random: &random)
    let chip = !online && random.chance(0.86)
    return Draft(
      card: index, kind: .ordinary, timeMs: nowMs, place: place, merchant: merchant, category: category,
      cents: amount(ofCard: index, in: category, times: factor), online: online, chip: chip,
      pin: !online && (category == .cash || chip && random.chance(0.4)), deviceSinceMs: online ? cards[index].deviceSinceMs : nil,
      declined: random.chance(0.012))
  }
}

import Foundation

extension TransactionGenerator {
  /// The kind of behaviour behind an event. All but `ordinary` are fraud.
  enum Kind: UInt8, CaseIterable, Sendable {
    case ordinary
    /// Many tiny payments in quick succession, to see which stolen numbers work, then often a large one.
    case cardTesting
    /// One or two payments far above what the card pays.
    case amountOutlier
    /// A copy of the card used in another country soon after its holder paid at home.
    case impossibleTravel
    /// Cash drawn at night from machines the card has not been at.
    case cashOut
    /// New device, new country, one purchase after the other.
    case accountTakeover
    /// A stolen card used much as its holder would. Little gives it away, as in life.
    case quietMisuse
  }

  /// One course of fraud against a card; or, of kind `ordinary`, its holder going from shop to shop or buying bits of a game.
  struct Attack {
    let card: Int
    let kind: Kind
    let steps: Int
    var step = 0
    var dueMs: Int64
    let place: Place
    let deviceSinceMs: Int64
    let merchant: Int
  }

  /// How often each course begins after an ordinary payment, in a million payments.
  private static let beginningsPerMillion: [(kind: Kind, count: Int)] = [
    (.ordinary, 16_000), (.cardTesting, 250), (.amountOutlier, 1_150), (.impossibleTravel, 750), (.cashOut, 600),
    (.accountTakeover, 330), (.quietMisuse, 1_700),
  ]

  /// Lets an attack or another course begin sometimes, after an ordinary payment of a card.
  mutating func maybeBeginAttack(onCard index: Int) {
    var draw = random.below(1_000_000)
    for (kind, count) in Self.beginningsPerMillion {
      if draw < count {
        begin(kind, onCard: index)
        return
      }
      draw -= count
    }
  }

  private mutating func begin(_ kind: Kind, onCard index: Int) {
    let current = cards[index].whereabouts
    let abroad = world.place(in: random.below(World.countries.count), random: &random)
    let nearby = world.place(near: current, kilometres: 14, random: &random)
    let old = cards[index].deviceSinceMs
    let fresh = nowMs - Int64(random.exponential(mean: 2 * Double(Self.hourMs)))
    let soonMs = nowMs + Int64(random.exponential(mean: 6 * Double(Self.hourMs)))
    let anyMerchant = random.below(World.merchantCount)
    let attack: Attack
    switch kind {
    case .ordinary:
      let category = random.chance(0.25) ? Category.gaming : world.category(atHour: 15, random: &random)
      let merchant = world.merchant(in: current.country, category, random: &random)
      attack = Attack(
        card: index, kind: kind, steps: random.between(2...7), dueMs: soonMs, place: current, deviceSinceMs: old, merchant: merchant)
    case .cardTesting:
      attack = Attack(
        card: index, kind: kind, steps: random.between(4...14), dueMs: soonMs, place: random.chance(0.4) ? abroad : nearby,
        deviceSinceMs: random.chance(0.7) ? fresh : old, merchant: anyMerchant)
    case .amountOutlier:
      attack = Attack(
        card: index, kind: kind, steps: random.between(1...2), dueMs: soonMs, place: random.chance(0.25) ? abroad : nearby,
        deviceSinceMs: random.chance(0.35) ? fresh : old, merchant: anyMerchant)
    case .impossibleTravel:
      let dueMs = nowMs + Int64(random.between(8, 150) * 60_000)
      attack = Attack(
        card: index, kind: kind, steps: random.between(1...3), dueMs: dueMs, place: abroad, deviceSinceMs: old, merchant: anyMerchant)
    case .cashOut:
      let hoursToNight = Int64((23 + 24 - World.hour(atMs: nowMs, in: current.country)) % 24 + random.below(7))
      let dueMs = nowMs + hoursToNight * Self.hourMs + Int64(random.below(Int(Self.hourMs)))
      let machine = world.merchant(in: current.country, .cash, random: &random)
      attack = Attack(
        card: index, kind: kind, steps: random.between(1...4), dueMs: dueMs, place: nearby,
        deviceSinceMs: old, merchant: machine)
    case .accountTakeover:
      attack = Attack(
        card: index, kind: kind, steps: random.between(4...9), dueMs: soonMs, place: random.chance(0.8) ? abroad : nearby,
        deviceSinceMs: random.chance(0.92) ? fresh : old, merchant: anyMerchant)
    case .quietMisuse:
      attack = Attack(
        card: index, kind: kind, steps: 1, dueMs: nowMs + Int64(random.exponential(mean: 3 * Double(Self.hourMs))),
        place: world.place(near: current, kilometres: 9, random: &random), deviceSinceMs: old, merchant: anyMerchant)
    }
    attacks.append(attack)
    nextAttackMs = min(nextAttackMs, attack.dueMs)
  }

  /// The next payment of the attack that is due first, which then waits for its next step or ends.
  mutating func nextAttackDraft() -> Draft {
    // Few are under way at a time (some 0.3% of the cards), and one in a hundred events comes here: a scan will do.
    var first = 0
    for index in attacks.indices where attacks[index].dueMs < attacks[first].dueMs { first = index }
    let draft = draft(of: attacks[first])
    attacks[first].step += 1
    if attacks[first].step == attacks[first].steps {
      attacks.swapAt(first, attacks.count - 1)
      attacks.removeLast()
    } else {
      attacks[first].dueMs += Int64(1_000 * pause(after: attacks[first].kind))
    }
    nextAttackMs = attacks.reduce(.max) { min($0, $1.dueMs) }
    return draft
  }

  private mutating func pause(after kind: Kind) -> Double {
    switch kind {
    case .ordinary: return 15 + random.exponential(mean: 400)
    case .cardTesting: return 3 + random.exponential(mean: 25)
    case .cashOut: return 60 + random.exponential(mean: 300)
    case .accountTakeover: return 20 + random.exponential(mean: 240)
    case .amountOutlier, .impossibleTravel, .quietMisuse: return 120 + random.exponential(mean: 2_400)
    }
  }

  private mutating func draft(of attack: Attack) -> Draft {
    let index = attack.card
    var category = World.category(ofMerchant: attack.merchant)
    var merchant = attack.merchant
    var online = true
    var chip = false
    var pin = false
    let cents: Int
    switch attack.kind {
    case .ordinary:
      if category == .gaming {
        cents = [99, 199, 299, 499, 999][random.below(5)]
      } else {
        if random.chance(0.7) {
          merchant = world.merchant(in: attack.place.country, world.category(atHour: 15, random: &random), random: &random)
          category = World.category(ofMerchant: merchant)
        }
        online = random.chance(World.categories[category.rawValue].onlineShare)
        chip = !online && random.chance(0.86)
        pin = !online && (category == .cash || chip && random.chance(0.4))
        cents = amount(ofCard: index, in: category)
      }
    case .cardTesting:
      let last = attack.step + 1 == attack.steps
      category = risky([.gaming, .retail, .dining, .tech])
      // A script stays with a few shops that answer quickly.
      if random.chance(0.5) { merchant = world.merchant(in: attack.place.country, category, random: &random) }
      category = World.category(ofMerchant: merchant)
      let euros = last && random.chance(0.5) ? random.between(120, 900) : exp(0.3 + 0.6 * random.normal())
      cents = Self.payable(euros: euros, in: .retail)
    case .amountOutlier:
      category = risky([.tech, .luxury, .travel, .retail])
      merchant = world.merchant(in: attack.place.country, category, random: &random)
      online = random.chance(0.7)
      chip = !online && random.chance(0.5)
      let usual = exp(cards[index].logAmount)
      cents = Self.payable(euros: max(60, usual * random.between(2.5, 15)), in: category)
    case .impossibleTravel:
      category = risky([.retail, .tech, .fuel, .luxury])
      merchant = world.merchant(in: attack.place.country, category, random: &random)
      online = false
      chip = random.chance(0.2)
      pin = chip
      cents = amount(ofCard: index, in: category, times: random.between(0.8, 3))
    case .cashOut:
      category = .cash
      online = false
      chip = random.chance(0.3)
      pin = true
      cents = Self.payable(euros: random.between(50, 500), in: .cash)
    case .accountTakeover:
      category = risky([.tech, .retail, .gaming, .luxury, .travel])
      merchant = world.merchant(in: attack.place.country, category, random: &random)
      cents = amount(ofCard: index, in: category, times: random.between(0.7, 2.5))
    case .quietMisuse:
      if random.chance(0.3) {
        merchant = Int(cards[index].merchants[random.below(8)])
      } else {
        merchant = world.merchant(in: attack.place.country, world.category(atHour: 15, random: &random), random: &random)
      }
      category = World.category(ofMerchant: merchant)
      online = random.chance(World.categories[category.rawValue].onlineShare)
      chip = !online && random.chance(0.8)
      pin = chip && random.chance(0.4)
      cents = amount(ofCard: index, in: category, times: 1.2)
    }
    let declined = attack.kind == .cardTesting ? random.chance(0.4) : attack.kind != .ordinary && random.chance(0.12)
    return Draft(
      card: index, kind: attack.kind, timeMs: attack.dueMs, place: attack.place, merchant: merchant, category: category, cents: cents,
      online: online, chip: chip, pin: pin, deviceSinceMs: online ? attack.deviceSinceMs : nil, declined: declined)
  }

  private mutating func risky(_ choices: [Category]) -> Category { choices[random.below(choices.count)] }
}

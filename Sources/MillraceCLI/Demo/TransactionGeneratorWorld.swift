import Foundation

extension TransactionGenerator {
  /// A point on the map and the country it lies in.
  struct Place {
    var country: Int
    var latitude: Double
    var longitude: Double
  }

  struct Country {
    let code: StaticString
    let latitude: Double
    let longitude: Double
    let utcOffsetHours: Int64
    /// How many of 100 cards are at home here.
    let share: Int
  }

  enum Category: Int, CaseIterable {
    case grocery, fuel, dining, transit, retail, tech, travel, cash, gaming, luxury, health, bills
  }

  struct CategoryTraits {
    let name: StaticString
    /// The logarithm of the usual amount here over the card's usual amount.
    let logFactor: Double
    let onlineShare: Double
    /// The share of fraud that a bank would have seen here.
    let risk: Double
    /// The weight among a card's payments at night (0–5), by day (6–17) and in the evening (18–23).
    let weights: (night: Int, day: Int, evening: Int)
  }

  /// The part of the generator's world that does not change while payments are made: countries, merchants, what is bought when.
  struct World {
    static let merchantsPerShelf = 12
    static let merchantCount = countries.count * categories.count * merchantsPerShelf

    /// The risk of each merchant. A merchant's number is ((country × categories) + category) × merchantsPerShelf + place on the shelf.
    private let merchantRisk: [Double]
    /// A category for each random byte, in three parts of 256: night, day, evening.
    private let categoryByPeriod: [UInt8]
    private let homeCountries: [UInt8]

    init(random: inout Random) {
      var risks: [Double] = []
      risks.reserveCapacity(Self.merchantCount)
      for merchant in 0..<Self.merchantCount {
        let usual = Self.categories[Self.category(ofMerchant: merchant).rawValue].risk
        risks.append(min(0.2, usual * exp(0.8 * random.normal())))
      }
      merchantRisk = risks
      categoryByPeriod =
        Self.spread(Self.categories.map(\.weights.night))
        + Self.spread(Self.categories.map(\.weights.day)) + Self.spread(Self.categories.map(\.weights.evening))
      homeCountries = Self.spread(Self.countries.map(\.share))
    }

    static func country(ofMerchant merchant: Int) -> Int { merchant / (merchantsPerShelf * categories.count) }

    static func category(ofMerchant merchant: Int) -> Category {
      // The remainder is below the number of cases: every case has a row of traits, and merchants are laid out by rows.
      Category(rawValue: merchant / merchantsPerShelf % categories.count) ?? .grocery
    }

    func risk(ofMerchant merchant: Int) -> Double { merchantRisk[merchant] }

    func merchant(in country: Int, _ category: Category, random: inout Random) -> Int {
      (country * Self.categories.count + category.rawValue) * Self.merchantsPerShelf + random.below(Self.merchantsPerShelf)
    }

    func category(atHour hour: Int, random: inout Random) -> Category {
      let period = hour < 6 ? 0 : hour < 18 ? 1 : 2
      return Category(rawValue: Int(categoryByPeriod[period << 8 | Int(random.next() >> 56)])) ?? .grocery
    }

    func homeCountry(random: inout Random) -> Int { Int(homeCountries[Int(random.next() >> 56)]) }

    /// A place somewhere in a country, most often within a few hundred kilometres of its middle.
    func place(in country: Int, random: inout Random) -> Place {
      let middle = Self.countries[country]
      return Place(
        country: country, latitude: middle.latitude + 1.2 * random.normal(), longitude: middle.longitude + 1.5 * random.normal())
    }

    func place(near place: Place, kilometres: Double, random: inout Random) -> Place {
      let degrees = kilometres / 111
      return Place(
        country: place.country, latitude: place.latitude + degrees * random.normal(),
        longitude: place.longitude + degrees * random.normal())
    }

    /// The distance of two places, on a flat map scaled at the middle latitude: off by a few percent between continents, exact enough
    /// nearby.
    static func kilometres(from start: Place, to end: Place) -> Double {
      let north = end.latitude - start.latitude
      var east = abs(end.longitude - start.longitude)
      if east > 180 { east = 360 - east }
      east *= cos((start.latitude + end.latitude) * (Double.pi / 360))
      return 111.2 * (north * north + east * east).squareRoot()
    }

    static func hour(atMs timeMs: Int64, in country: Int) -> Int {
      Int((timeMs / 3_600_000 + countries[country].utcOffsetHours) % 24)
    }

    /// The day of the week in a country; 0 is Monday. The first day of Unix time was a Thursday.
    static func weekday(atMs timeMs: Int64, in country: Int) -> Int {
      Int(((timeMs / 3_600_000 + countries[country].utcOffsetHours) / 24 + 3) % 7)
    }

    /// 256 indices, each as often as its weight says.
    private static func spread(_ weights: [Int]) -> [UInt8] {
      let total = weights.reduce(0, +)
      var index = 0
      var reached = weights[0]
      return (0..<256).map { slot in
        while slot * total >= reached * 256 {
          index += 1
          reached += weights[index]
        }
        return UInt8(index)
      }
    }
  }
}

extension TransactionGenerator.World {
  static let countries: [TransactionGenerator.Country] = [
    .init(code: "DE", latitude: 51, longitude: 10, utcOffsetHours: 1, share: 17),
    .init(code: "FR", latitude: 47, longitude: 2, utcOffsetHours: 1, share: 13),
    .init(code: "GB", latitude: 52.5, longitude: -1.5, utcOffsetHours: 0, share: 12),
    .init(code: "IT", latitude: 43, longitude: 12, utcOffsetHours: 1, share: 10),
    .init(code: "ES", latitude: 40, longitude: -4, utcOffsetHours: 1, share: 9),
    .init(code: "PL", latitude: 52, longitude: 19, utcOffsetHours: 1, share: 7),
    .init(code: "NL", latitude: 52, longitude: 5.5, utcOffsetHours: 1, share: 5),
    .init(code: "SE", latitude: 60, longitude: 16, utcOffsetHours: 1, share: 4),
    .init(code: "CH", latitude: 47, longitude: 8, utcOffsetHours: 1, share: 3),
    .init(code: "AT", latitude: 47.5, longitude: 14, utcOffsetHours: 1, share: 3),
    .init(code: "PT", latitude: 39.5, longitude: -8, utcOffsetHours: 0, share: 3),
    .init(code: "IE", latitude: 53, longitude: -8, utcOffsetHours: 0, share: 2),
    .init(code: "GR", latitude: 39, longitude: 22, utcOffsetHours: 2, share: 2),
    .init(code: "TR", latitude: 39, longitude: 33, utcOffsetHours: 3, share: 2),
    .init(code: "US", latitude: 39, longitude: -95, utcOffsetHours: -6, share: 2),
    .init(code: "CA", latitude: 50, longitude: -85, utcOffsetHours: -5, share: 1),
    .init(code: "BR", latitude: -15, longitude: -48, utcOffsetHours: -3, share: 1),
    .init(code: "MX", latitude: 22, longitude: -101, utcOffsetHours: -6, share: 1),
    .init(code: "AE", latitude: 24, longitude: 54, utcOffsetHours: 4, share: 1),
    .init(code: "TH", latitude: 15, longitude: 101, utcOffsetHours: 7, share: 1),
    .init(code: "JP", latitude: 36, longitude: 138, utcOffsetHours: 9, share: 1),
  ]

  /// The categories' traits, in the order of `Category`'s cases.
  static let categories: [TransactionGenerator.CategoryTraits] = [
    .init(name: "grocery", logFactor: -0.2, onlineShare: 0.08, risk: 0.003, weights: (4, 30, 26)),
    .init(name: "fuel", logFactor: 0.4, onlineShare: 0, risk: 0.004, weights: (12, 9, 7)),
    .init(name: "dining", logFactor: -0.3, onlineShare: 0.12, risk: 0.003, weights: (16, 13, 24)),
    .init(name: "transit", logFactor: -2.0, onlineShare: 0.3, risk: 0.002, weights: (14, 14, 8)),
    .init(name: "retail", logFactor: 0.4, onlineShare: 0.6, risk: 0.010, weights: (12, 12, 14)),
    .init(name: "tech", logFactor: 1.6, onlineShare: 0.7, risk: 0.022, weights: (4, 3, 3)),
    .init(name: "travel", logFactor: 1.8, onlineShare: 0.85, risk: 0.016, weights: (6, 3, 3)),
    .init(name: "cash", logFactor: 1.0, onlineShare: 0, risk: 0.014, weights: (14, 6, 5)),
    .init(name: "gaming", logFactor: -1.2, onlineShare: 1, risk: 0.018, weights: (14, 3, 6)),
    .init(name: "luxury", logFactor: 2.0, onlineShare: 0.4, risk: 0.030, weights: (1, 1, 1)),
    .init(name: "health", logFactor: 0.2, onlineShare: 0.1, risk: 0.003, weights: (2, 4, 2)),
    .init(name: "bills", logFactor: 0.9, onlineShare: 0.9, risk: 0.005, weights: (2, 3, 2)),
  ]

  /// How active cards are at each local hour, 1 at the busiest.
  static let activityByHour: [Double] = [
    0.10, 0.06, 0.04, 0.04, 0.05, 0.09, 0.22, 0.45, 0.62, 0.70, 0.78, 0.88,
    1.00, 0.92, 0.80, 0.80, 0.88, 0.98, 1.00, 0.90, 0.70, 0.50, 0.32, 0.18,
  ]
}

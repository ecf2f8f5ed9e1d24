import PlumbExact
import PlumbModel
import PlumbTolerance
import Testing

/// The bounds given a matrix unit, against a simulator of each that shares nothing with them.
@Suite struct UnitTests {
  private static let counts = [1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 64, 100]

  /// The distance of what `simulator` gives from the exact sum, and the bound of `model`; `nil` where it is not finite.
  private func distance(
    _ simulator: UnitSimulator, _ model: ArithmeticModel, _ a: [Rational], _ b: [Rational],
    from start: Rational? = nil, isShuffled: Bool, _ generator: inout SplitMix64
  ) throws -> (distance: Rational, bound: Rational)? {
    var places = Array(a.indices)
    if isShuffled { places.shuffle(using: &generator) }
    func tracked(_ row: [Rational]) -> [Tracked] { row.map { Tracked($0.doubleRoundedUp) } }
    let value = model.matrixDot(tracked(a), tracked(b), bias: start.map { Tracked($0.doubleRoundedUp) })
    guard let computed = simulator.dot(places.map { a[$0] }, places.map { b[$0] }, from: start ?? 0) else {
      #expect(!value.isFinite, "\(model)")
      return nil
    }
    let exact = zip(a, b).reduce(start ?? 0) { $0 + $1.0 * $1.1 }
    let ball = try #require(value.ball, "\(model): \(value)")
    #expect(ball.overlaps(Ball(exact)), "\(model)")
    return ((computed - exact).magnitude, try #require(value.bound))
  }

  @Test(arguments: Set(UnitSimulator.all.map(\.arithmetic)).sorted(), [false, true])
  func noUnitIsOutsideItsBound(arithmetic: String, isDeclared: Bool) throws {
    // One of several descriptions of a unit comes near.
    let greatest = try UnitSimulator.all.filter { $0.arithmetic == arithmetic }.map { simulator in
      try greatestMargin(simulator, ArithmeticModel(parsing: arithmetic + (isDeclared ? ",order=sequence" : "")))
    }.max()
    #expect(try #require(greatest) >= "1/2")
  }

  private func greatestMargin(_ simulator: UnitSimulator, _ model: ArithmeticModel) throws -> Rational {
    let isDeclared = model.order != .any
    var generator = SplitMix64(seed: 28)
    var greatest = Rational(0)
    for count in Self.counts {
      for kind in UnitSimulator.Operands.allCases {
        for round in 0..<8 {
          let (a, b) = simulator.operands(kind, count, &generator)
          // A bias that is a number of the sums' format.
          let start: Rational? =
            round % 4 == 3 && simulator.promotion == nil
            ? Rational(
              significand: Integer(Int.random(in: simulator.significands, using: &generator)),
              exponent: simulator.isOfHalves ? -10 : -23)
            : nil
          guard
            let (distance, bound) = try distance(
              simulator, model, a, b, from: start, isShuffled: !isDeclared, &generator)
          else { continue }
          #expect(
            distance <= bound,
            "\(simulator.arithmetic), \(count), \(kind): \(distance.doubleRoundedUp), \(bound.doubleRoundedUp)")
          if !bound.isZero { greatest = max(greatest, distance / bound) }
        }
      }
    }
    return greatest
  }

  /// A unit, and an arithmetic that another one has, which it is outside of.
  private static let strangers = [
    ("bf16,unit=h100-fp8,factors=e4m3", "bf16,unit=b200,factors=e4m3"),
    ("bf16,unit=h100-fp8,factors=e4m3", "bf16,unit=h100-fp8-promote128,factors=e4m3"),
    ("f32,unit=ada-fp8,factors=e4m3", "f32,unit=b200,factors=e4m3"), ("f16,unit=v100", "f16,unit=a100"),
    ("f16,unit=v100", "f16,unit=h100"), ("f16,unit=a100", "f16,unit=h100"), ("tf32,unit=mi300", "tf32,unit=h100"),
    ("f16,unit=mi300", "f16,unit=h100"), ("bf16,unit=bfdot", "bf16,unit=vdpbf16"), ("f16,unit=h100", "f16,unit=amx"),
  ]

  @Test(arguments: strangers) func anotherUnitIsOutside(name: String, other: String) throws {
    let simulator = try #require(UnitSimulator.all.first { $0.arithmetic == name })
    let model = try ArithmeticModel(parsing: other + ",order=sequence")
    var generator = SplitMix64(seed: 29)
    var outside = 0
    for count in [8, 32, 100, 512] {
      for kind in UnitSimulator.Operands.allCases {
        for _ in 0..<6 {
          let (a, b) = simulator.operands(kind, count, &generator)
          if let (distance, bound) = try distance(simulator, model, a, b, isShuffled: false, &generator),
            distance > bound
          {
            outside += 1
          }
        }
      }
    }
    #expect(outside > 0)
  }

  /// The theorem of the page *MatrixUnits*: 16-bit units of Hopper and Blackwell are within the bound of a Float32 sum in any order,
  /// where no factor is subnormal, and no product 0.
  @Test(arguments: ["f16,unit=h100", "bf16,unit=h100", "bf16,unit=b200"])
  func sixteenBitUnitsAreWithinAnyOrder(name: String) throws {
    var generator = SplitMix64(seed: 30)
    let model = try ArithmeticModel(parsing: String(name.prefix { $0 != "," }))
    var greatest = Rational(0)
    for simulator in UnitSimulator.all where simulator.arithmetic == name {
      for count in Self.counts {
        for kind in UnitSimulator.Operands.allCases where kind != .subnormal {
          for _ in 0..<10 {
            let (a, b) = simulator.operands(kind, count, &generator)
            let isNormal = (a + b).allSatisfy { $0.magnitude >= .powerOfTwo(simulator.exponents.lowerBound) }
            guard isNormal,
              let (distance, bound) = try distance(simulator, model, a, b, isShuffled: true, &generator)
            else { continue }
            #expect(
              distance <= bound, "\(count), \(kind): \(distance.doubleRoundedUp), \(bound.doubleRoundedUp)")
            if !bound.isZero { greatest = max(greatest, distance / bound) }
          }
        }
      }
    }
    #expect(greatest > "1/2", "\(greatest.decimal(fractionDigits: 4))")
  }

  /// One block of Hopper's with one subnormal factor times 2¹⁵ loses hundreds of times what Float32 sums may.
  @Test func aSubnormalFactorIsNotWithinAnyOrder() throws {
    let simulator = try #require(UnitSimulator.all.first { $0.arithmetic == "f16,unit=h100" })
    // The product 2⁻²⁴·2¹⁵ has the exponent 1, so that its block's numbers are cut to multiples of 2⁻²⁴.
    let a: [Rational] = [.powerOfTwo(-24)] + [Rational](repeating: "2047/1024" * .powerOfTwo(-10), count: 15)
    let b: [Rational] = [.powerOfTwo(15)] + [Rational](repeating: "2047/1024" * .powerOfTwo(-8), count: 15)
    var generator = SplitMix64(seed: 31)
    let (free, bound) = try #require(
      try distance(simulator, .f16, a, b, isShuffled: false, &generator))
    #expect(free > 10 * bound)
    for order in ["any", "sequence"] {
      let unit = try ArithmeticModel(parsing: "f16,unit=h100,order=\(order)")
      let (own, allowed) = try #require(try distance(simulator, unit, a, b, isShuffled: false, &generator))
      #expect(own <= allowed && own > allowed / 2, "\(own / allowed)")
    }
  }

  /// Sums that a unit writes in binary16, parts that are added apart, and infinities.
  @Test func sumsPartsAndInfinities() throws {
    let one = [Tracked](repeating: Tracked(1), count: 40)
    let halves = try ArithmeticModel(parsing: "f16,unit=h100,sums=f16")
    #expect(halves.matrixDot(one, one, bias: nil).error == 0)
    let fine = [Tracked](repeating: Tracked(1 + 0x1p-10), count: 40)
    #expect(halves.matrixDot(fine, fine, bias: nil).error > 0x1p-6)
    let whole = try ArithmeticModel(parsing: "f16,unit=h100").matrixDot(fine, fine, bias: nil)
    #expect(halves.matrixDot(fine, fine, bias: nil).error > 100 * whole.error)
    let great = [Tracked](repeating: Tracked(60000), count: 2)
    #expect(halves.matrixDot(great, one, bias: nil).specials == .plusInfinity)
    let parts = try ArithmeticModel(parsing: "bf16,unit=h100,splits=4,partials=bf16")
    #expect(parts.matrixDot(one, one, bias: nil).error == 0)
    let infinite = try ArithmeticModel(parsing: "bf16,unit=h100").matrixDot(
      [Tracked(.infinity)], [Tracked(2)], bias: nil)
    #expect(infinite.specials == .plusInfinity && !infinite.isReal)
  }
}

/// Words about matrix units.
@Suite struct UnitTextTests {
  @Test(arguments: [
    "bf16,unit=h100", "f16,unit=v100,order=sequence", "tf32,unit=a100", "f32,unit=h100-fp8,factors=e4m3",
    "bf16,unit=b200,factors=e5m2,splits=4", "f16,unit=h100,sums=f16", "bf16,unit=bfmmla", "f32,factors=bf16",
  ]) func aNameReadsBackAsItself(text: String) throws {
    let model = try ArithmeticModel(parsing: text)
    #expect(model.description == text)
    #expect(try ArithmeticModel(parsing: model.description) == model)
    guard let unit = model.matrixUnit else { return }
    #expect(model.summary.contains("given unit \(unit.rawValue), as found by \(unit.source)"))
  }

  @Test(arguments: [
    ("bf16,unit=h200", "unit=v100|t4|"), ("f32,unit=h100", "bf16 or f16 or tf32"), ("tf32,unit=v100", "f16"),
    ("bf16,unit=h100-fp8", "e4m3 or e5m2"), ("bf16,unit=h100,order=8-lanes", "order=sequence"),
    ("bf16,unit=h100,order=tree", "order=sequence"), ("bf16,unit=h100,sums=bf16", "sums=f16"),
    ("bf16,unit=amx,sums=f16", "sums=f16"), ("bf16,unit=h100,sums=f16", "sums=f16"),
    ("f32,unit=h100-fp8-promote128,factors=e4m3,splits=2", "splits="),
    ("bf16,unit=h100,unit=b200", "one thing"), ("f32,factors=int8", "factors=bf16|"),
  ]) func aContradictionNamesThePartAndWhatFits(text: String, hint: String) throws {
    let error = #expect(throws: ArithmeticError.self) { try ArithmeticModel(parsing: text) }
    #expect(try #require(error).problem.contains(hint), "\(String(describing: error))")
  }

  @Test func everyUnitMultipliesSomething() {
    for unit in MatrixUnit.allCases { #expect(!unit.formats.isEmpty && !unit.source.isEmpty, "\(unit)") }
  }
}

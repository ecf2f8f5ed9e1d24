import PlumbExact
import PlumbModel
import PlumbTolerance
import Testing

/// The error-tracking arithmetic against a machine that computes as its model says: random programs, so that errors of
/// one step meet the next.
@Suite struct TrackedTests {
  /// A number three times over.
  private struct Value {
    let tracked: Tracked
    let exact: Ball
    let computed: Rational
  }

  static let models: [ArithmeticModel] = {
    let toy = ArithmeticModel(storage: ToyFormat.format, accumulation: ToyFormat.format, elementaryUlps: 1)
    var all = [toy]
    func add(_ change: (inout ArithmeticModel) -> Void) {
      var model = toy
      change(&model)
      all.append(model)
    }
    add { $0.mayFuse = false }
    add { $0.flushesToZero = true }
    add { $0.isFaithful = true }
    add { $0.order = .lanes(2) }
    add { $0.order = .lanes(1) }
    add { ($0.order, $0.flushesToZero, $0.isFaithful) = (.lanes(4), true, true) }
    add { $0.elementaryUlps = 3 }
    return all
  }()

  /// The result of an operation, or `nil` where the machine overflows or the exact result is not defined.
  private static func step(
    _ operation: Int, _ values: [Value], _ machine: inout ToyMachine
  ) throws -> (name: String, value: Value)? {
    let model = machine.model
    func pick() -> Value { values.randomElement(using: &machine.generator) ?? values[0] }
    func result(_ name: String, _ tracked: Tracked, _ exact: Ball, _ computed: Rational?) -> (String, Value)? {
      computed.map { (name, Value(tracked: tracked, exact: exact.rounded(to: 96), computed: $0)) }
    }
    let (a, b) = (pick(), pick())
    let (x, y) = (machine.operand(a.computed), machine.operand(b.computed))
    switch operation {
    case 0: return result("sum", model.sum(a.tracked, b.tracked), a.exact + b.exact, machine.round(x + y))
    case 1: return result("difference", model.difference(a.tracked, b.tracked), a.exact - b.exact, machine.round(x - y))
    case 2: return result("product", model.product(a.tracked, b.tracked), a.exact * b.exact, machine.round(x * y))
    case 3:
      guard !y.isZero, b.exact.signum() ?? 0 != 0 else { return nil }
      let exact = try a.exact.divided(by: b.exact, precision: 96)
      guard Bool.random(using: &machine.generator) else {
        return result("quotient", model.quotient(a.tracked, b.tracked), exact, machine.round(x / y))
      }
      let reciprocal = machine.round(1 / y)
      return result(
        "reciprocal", model.quotientOrReciprocal(a.tracked, b.tracked), exact,
        reciprocal.flatMap { machine.round(x * $0) })
    case 4:
      guard x.signum() > 0, a.exact.signum() == 1 else { return nil }
      let root = try Ball.squareRoot(Ball(x), precision: 96)
      return result(
        "root", model.squareRoot(a.tracked), try Ball.squareRoot(a.exact, precision: 96), machine.round(root.midpoint))
    case 5:
      guard x.signum() > 0, a.exact.signum() == 1 else { return nil }
      let root = try Ball.squareRoot(Ball(x), precision: 96)
      let computed = machine.round(root.midpoint).flatMap { $0.isZero ? nil : machine.round(1 / $0) }
      return result(
        "reciprocal root", model.reciprocalSquareRoot(a.tracked),
        try Ball.reciprocalSquareRoot(a.exact, precision: 96), computed)
    case 6:
      let terms = (0..<Int.random(in: 0...6, using: &machine.generator)).map { _ in (pick(), pick()) }
      let computed = machine.sum(terms.map { ($0.computed, $1.computed) }, areProducts: true)
      return result(
        "dot", model.dot(terms.map(\.0.tracked), terms.map(\.1.tracked)),
        terms.reduce(Ball(0)) { $0 + $1.0.exact * $1.1.exact }, computed)
    case 7:
      let terms = (0..<Int.random(in: 0...6, using: &machine.generator)).map { _ in pick() }
      let computed = machine.sum(terms.map { ($0.computed, 1) }, areProducts: false)
      return result(
        "total", model.total(terms.map(\.tracked)), terms.reduce(Ball(0)) { $0 + $1.exact }, computed)
    default: return try function(operation, a, x, &machine)
    }
  }

  private static func function(
    _ operation: Int, _ a: Value, _ x: Rational, _ machine: inout ToyMachine
  ) throws -> (name: String, value: Value)? {
    let model = machine.model
    func result(
      _ name: String, _ tracked: Tracked, trivial: Rational? = nil, at point: Rational = 0,
      _ f: (Ball) throws -> Ball
    ) throws -> (String, Value)? {
      // The functions are exact where C's Annex F says so.
      let computed = x == point ? trivial : nil
      guard let computed = try computed ?? machine.function(f(Ball(x))) else { return nil }
      return (name, Value(tracked: tracked, exact: try f(a.exact).rounded(to: 96), computed: computed))
    }
    guard x.magnitude < 100, a.exact.midpoint.magnitude < 100 else { return nil }
    switch operation {
    case 8: return try result("exp", model.exponential(a.tracked), trivial: 1) { try Ball.exp($0, precision: 96) }
    case 9:
      guard x.signum() > 0, a.exact.signum() == 1 else { return nil }
      return try result("log", model.logarithm(a.tracked), trivial: 0, at: 1) { try Ball.log($0, precision: 96) }
    case 10:
      return try result("tanh", model.hyperbolicTangent(a.tracked), trivial: 0) { Ball.tanh($0, precision: 96) }
    case 11: return try result("erf", model.errorFunction(a.tracked), trivial: 0) { Ball.erf($0, precision: 96) }
    case 12: return try result("sin", model.sineAndCosine(a.tracked).sine, trivial: 0) { Ball.sin($0, precision: 96) }
    default:
      return try result("cos", model.sineAndCosine(a.tracked).cosine, trivial: 1) { Ball.cos($0, precision: 96) }
    }
  }

  @Test(arguments: models.indices) func whatIsComputedIsWithinTheBound(index: Int) throws {
    let model = Self.models[index]
    var machine = ToyMachine(model, seed: UInt64(100 + index))
    var greatest: [String: Rational] = [:]
    var steps = 0
    for _ in 0..<800 {
      var values = (0..<4).map { _ in
        let number = machine.draw()
        return Value(
          tracked: model.read(Float(number.rounded(to: Float.self, .down))), exact: Ball(number), computed: number)
      }
      for _ in 0..<6 {
        let operation = Int.random(in: 0...13, using: &machine.generator)
        guard let (name, value) = try Self.step(operation, values, &machine), !value.tracked.isOutside else { continue }
        let bound = try #require(value.tracked.bound)
        let (lower, upper) = (
          try #require(Rational(exactly: value.tracked.lower)), try #require(Rational(exactly: value.tracked.upper))
        )
        #expect(value.exact.overlaps(Ball(lower: lower, upper: upper)), "\(name): \(value)")
        let distance = (value.exact.midpoint - value.computed).magnitude
        #expect(distance <= bound + value.exact.radius, "\(name), \(model): \(value)")
        if !bound.isZero { greatest[name] = max(greatest[name] ?? 0, distance / bound) }
        steps += 1
        values.append(value)
      }
    }
    // In 4 bits terms of second order are large; still every rule is met by more than a fifth.
    #expect(steps > 600 && greatest.count == 15)
    for (name, margin) in greatest { #expect(margin > "1/5", "\(name), \(model)") }
  }

  @Test func sumsOfRepresentablePartsAreExact() throws {
    let model = ArithmeticModel.f32
    let terms = (1...64).map { Tracked(Double($0 * 3) * 0x1p-10) }
    #expect(model.dot(terms, terms).error == 0)
    #expect(model.total(terms).error == 0)
    // One bit more than the format has.
    #expect(model.total(terms + [Tracked(0x1p13)]).error == 0)
    #expect(model.total(terms + [Tracked(0x1p14)]).error > 0)
  }

  /// The worst case that is known: 1, then numbers that are each half a spacing of the sum so far and so are lost.
  @Test(arguments: [3, 10, 100, 1000]) func theBoundOfSumsIsSharp(count: Int) throws {
    let terms = [Float(1)] + [Float](repeating: 0x1p-24, count: count)
    var sum: Float = 0
    for term in terms { sum += term }
    let exact = 1 + Double(count) * 0x1p-24
    let bound = ArithmeticModel.f32.total(terms.map { Tracked(Double($0)) }).error
    let error = (Double(sum) - exact).magnitude
    #expect(error <= bound && error > 0.99 * bound)
  }

  /// The tree of the model is taken at its word: 64 lanes of one term each round six times.
  @Test func aStatedOrderHasTheSmallerBound() throws {
    var model = ArithmeticModel.f32
    let terms = (1...64).map { Tracked(1 / Double($0)) }
    let anyOrder = model.dot(terms, terms).error
    model.order = .lanes(64)
    let tree = model.dot(terms, terms).error
    #expect(tree < anyOrder / 8 && tree > 0)
  }

  @Test func whatMayOverflowMayBeInfinite() throws {
    let model = ArithmeticModel.f32
    let greatest = Tracked(Double(Float.greatestFiniteMagnitude))
    #expect(model.sum(greatest, greatest).specials == .plusInfinity)
    #expect(model.product(greatest, Tracked(-2)).specials == .minusInfinity)
    #expect(model.dot([greatest, Tracked(0x1p103)], [Tracked(1), Tracked(1)]).specials == .plusInfinity)
    #expect(model.dot([Tracked(0x1p127), Tracked(0x1p127)], [Tracked(1), Tracked(-1)]).isFinite)
    #expect(model.exponential(Tracked(89)).specials == .plusInfinity)
    #expect(model.exponential(Tracked(88)).isFinite)
    #expect(model.quotient(Tracked(1), Tracked(0)).isOutside)
    #expect(model.squareRoot(Tracked(-1)).isOutside)
    #expect(model.logarithm(Tracked(0)).isOutside)
    #expect(model.sum(.outside, Tracked(0)).isOutside && model.product(.outside, Tracked(0)).isOutside)
    #expect(model.read(.infinity).specials == .plusInfinity && model.read(.nan).isOutside)
    #expect(ArithmeticModel.f16.stored(Tracked(65_520)).specials == .plusInfinity)
    #expect(ArithmeticModel.f16.stored(Tracked(65_519)).isFinite)
    // Nothing stands in memory between steps, what is written does.
    let kept = try ArithmeticModel(parsing: "f16,steps=kept")
    #expect(kept.stored(Tracked(65_520)) == Tracked(65_520))
    #expect(kept.result(Tracked(65_520)).specials == .plusInfinity)
  }

  @Test func storageRoundsAndFlushes() throws {
    #expect(ArithmeticModel.f32.read(0x1.000002p0).error == 0)
    #expect(ArithmeticModel.bf16.read(0x1.000002p0).error == 0x1p-8)
    #expect(ArithmeticModel.bf16.read(0x1.02p0).error == 0)
    #expect(ArithmeticModel.f16.read(0x1p-24).error == 0)
    #expect(ArithmeticModel.f16.read(0x1p-25).error == 0x1p-25)
    #expect(ArithmeticModel.tf32.factor(Tracked(1)).error == 0)
    #expect(ArithmeticModel.tf32.factor(Tracked(1.0001)).error == 0x1p-10)
    var flushing = ArithmeticModel.f32
    flushing.flushesToZero = true
    #expect(flushing.read(0x1p-130).error == 0x1p-130)
    #expect(flushing.read(0x1p-126).error == 0)
    #expect(flushing.product(Tracked(0x1p-100), Tracked(0x1p-30)).error == 0x1p-130)
  }
}

/// The enclosures in Float64 of elementary functions, beside balls: random arguments of every size, the ends of the proofs' cases,
/// and arguments next to multiples of a right angle.
@Suite struct OutwardTests {
  private static func random(_ exponents: ClosedRange<Int>, _ generator: inout SplitMix64) -> Double {
    let value = Double(
      sign: .plus, exponent: Int.random(in: exponents, using: &generator),
      significand: Double.random(in: 1..<2, using: &generator))
    return Bool.random(using: &generator) ? value : -value
  }

  private func expect(
    _ name: String, _ x: Double, _ tracked: Tracked, _ exact: Ball, relative: Double, absolute: Double = 0
  ) throws {
    let lower = try #require(Rational(exactly: tracked.lower))
    let upper = try #require(Rational(exactly: tracked.upper))
    let width = try #require(Rational(exactly: relative)) * max(lower.magnitude, upper.magnitude)
    // A ball may reach a little beyond ±1, which no value of these functions does.
    #expect(lower <= exact.midpoint + exact.radius && upper >= exact.midpoint - exact.radius, "\(name) \(x)")
    #expect(try upper - lower <= width + #require(Rational(exactly: absolute)), "\(name) \(x)")
  }

  @Test func positiveFunctionsHoldTheExactValue() throws {
    var generator = SplitMix64(seed: 9)
    let model = ArithmeticModel.f32
    for _ in 0..<800 {
      let x = Double.random(in: -80...80, using: &generator)
      let positive = Self.random(-100...100, &generator).magnitude
      let ball = Ball(try #require(Rational(exactly: positive)))
      let exponential = try Ball.exp(Ball(try #require(Rational(exactly: x))), precision: 120)
      try expect("exp", x, model.exponential(Tracked(x)), exponential, relative: 0x1p-41)
      try expect("log", positive, model.logarithm(Tracked(positive)), Ball.log(ball, precision: 120), relative: 0x1p-41)
      try expect(
        "root", positive, model.squareRoot(Tracked(positive)), Ball.squareRoot(ball, precision: 120), relative: 0x1p-50)
    }
  }

  @Test func sigmoidalFunctionsHoldTheExactValue() throws {
    var generator = SplitMix64(seed: 10)
    let model = ArithmeticModel.f32
    let ends = [0.25, 0.25.nextUp, 6, 6.0.nextUp, 300, 300.0.nextUp, 0x1p-899, 0x1p-149].flatMap { [$0, -$0] }
    for x in ends + (0..<600).map({ _ in Self.random(-60...4, &generator) }) {
      let ball = Ball(try #require(Rational(exactly: x)))
      // A function of a tiny argument is as near to it as its square is small.
      let precision = x.magnitude < 0x1p-60 ? 400 : 160
      try expect(
        "tanh", x, model.hyperbolicTangent(Tracked(x)), Ball.tanh(ball, precision: precision), relative: 0x1p-40)
      try expect("erf", x, model.errorFunction(Tracked(x)), Ball.erf(ball, precision: precision), relative: 0x1p-40)
    }
  }

  @Test func circularFunctionsHoldTheExactValue() throws {
    var generator = SplitMix64(seed: 11)
    let model = ArithmeticModel.f32
    let angles = (0..<400).map { _ in
      // Next to a multiple of a right angle nearly all of the reduced argument cancels.
      (Double(Int.random(in: -10_000_000...10_000_000, using: &generator)) * (.pi / 2)).nextUp
    }
    let eighths = (-20...20).map { Double($0) * (.pi / 4) }.flatMap { [$0, $0.nextUp, $0.nextDown] }
    for x in angles + eighths + (0..<600).map({ _ in Self.random(-40...23, &generator) }) where x != 0 {
      let ball = Ball(try #require(Rational(exactly: x)))
      let (sine, cosine) = model.sineAndCosine(Tracked(x))
      let isReduced = x.magnitude > 0.7
      try expect(
        "sin", x, sine, Ball.sin(ball, precision: 160), relative: isReduced ? 0 : 0x1p-47,
        absolute: isReduced ? 0x1p-47 : 0)
      try expect("cos", x, cosine, Ball.cos(ball, precision: 160), relative: 0, absolute: 0x1p-47)
    }
    // Beyond the reduction's reach nothing is known but the range.
    #expect(model.sineAndCosine(Tracked(0x1.8p24)).sine.lower == -1)
  }

  /// An argument that is known between two numbers has a value between those of all of them.
  @Test func intervalsHoldTheValuesWithin() throws {
    var generator = SplitMix64(seed: 12)
    let model = ArithmeticModel.f32
    for _ in 0..<300 {
      let x = Self.random(-8...6, &generator)
      let width = Self.random(-30 ... -1, &generator).magnitude
      let argument = Tracked(lower: x, upper: x + width, error: 0)
      let within = Ball(try #require(Rational(exactly: Double.random(in: x...(x + width), using: &generator))))
      let values = [
        (model.hyperbolicTangent(argument), Ball.tanh(within, precision: 120)),
        (model.errorFunction(argument), Ball.erf(within, precision: 120)),
        (model.sineAndCosine(argument).sine, Ball.sin(within, precision: 120)),
        (model.sineAndCosine(argument).cosine, Ball.cos(within, precision: 120)),
      ]
      for (tracked, exact) in values { #expect(try #require(tracked.ball).overlaps(exact), "\(argument)") }
    }
  }
}

@Suite struct ArithmeticTextTests {
  @Test(arguments: [
    "f32", "bf16", "f16", "tf32", "f32,flush-to-zero", "f32,order=16-lanes,unfused", "bf16,order=sequence",
    "f32,order=tree,splits=4", "bf16,splits=4,tile=128,partials=bf16,formula=exp2+online",
    "bf16,order=blocks-of-32,splits=2,partials=bf16", "f16,steps=kept,formula=welford+exp", "bf16,steps=stored",
    "f32,activations=q8_0", "bf16,activations=int8-tensor,order=8-lanes,steps=stored", "f32,activations=ggml",
    "f32,elementary=1", "bf16,tables=f32", "f32,tables=f16", "f32,faithful,elementary=0.5",
    "tf32,flush-to-zero,order=8-lanes,unfused,faithful,elementary=2",
  ]) func aNameReadsBackAsItself(text: String) throws {
    let model = try ArithmeticModel(parsing: text)
    #expect(model.description == text)
    #expect(try ArithmeticModel(parsing: model.description) == model)
  }

  @Test(arguments: [
    "", "f33", "f32,", "f32,fast", "f32,order=0-lanes", "f32,order=-lanes", "f32,elementary=",
    "f32,elementary=0",
    "f32,elementary=nan", "f32 ,unfused", "f32,order=2",
  ]) func whatIsUnknownIsRefusedWithTheList(text: String) throws {
    #expect(throws: ArithmeticError.self) { try ArithmeticModel(parsing: text) }
    do {
      _ = try ArithmeticModel(parsing: text)
    } catch {
      #expect(error.problem.contains("tf32") && error.problem.contains("elementary="))
    }
  }

  /// Another name of a format is told the one that is taken, and no list.
  @Test(arguments: [("F32", "f32"), ("float32", "f32"), ("torch.bfloat16", "bf16"), ("fp16,order=sequence", "f16")])
  func anotherNameIsRecognised(text: String, meant: String) throws {
    let name = text.split(separator: ",")[0]
    #expect(throws: ArithmeticError(problem: "there is no arithmetic '\(name)': did you mean '\(meant)'?")) {
      try ArithmeticModel(parsing: text)
    }
  }
}

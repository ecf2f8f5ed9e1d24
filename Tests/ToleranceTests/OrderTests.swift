import PlumbModel
import PlumbTolerance
import Testing

/// Declared orders of a sum, against Float32 that adds so.
@Suite struct OrderTests {
  private static let orders = [
    "order=sequence", "order=7-lanes", "order=tree", "order=blocks-of-8", "order=sequence,splits=3",
    "order=tree,splits=4,partials=bf16", "order=blocks-of-5,splits=2,partials=f16", "splits=5",
  ]

  /// The sum of `products` of a machine that adds as `model` says; where an order is free, in a random one.
  private static func sum(
    _ products: [Float], _ model: ArithmeticModel, _ generator: inout SplitMix64
  ) -> Float {
    func sequence(_ terms: [Float]) -> Float { terms.dropFirst().reduce(terms.first ?? 0, +) }
    func free(_ terms: [Float]) -> Float { sequence(terms.shuffled(using: &generator)) }
    func chunks(_ terms: [Float], _ size: Int) -> [[Float]] {
      stride(from: 0, to: terms.count, by: size).map { Array(terms[$0..<min($0 + size, terms.count)]) }
    }
    func arranged(_ terms: [Float]) -> Float {
      switch model.order {
      case .any: return free(terms)
      case .lanes(let count):
        var lanes = (0..<min(count, terms.count)).map { lane in
          sequence(stride(from: lane, to: terms.count, by: count).map { terms[$0] })
        }
        while lanes.count > 1 {
          let half = (lanes.count + 1) / 2
          for lane in 0..<lanes.count - half { lanes[lane] += lanes[lane + half] }
          lanes.removeLast(lanes.count - half)
        }
        return lanes[0]
      case .tree:
        guard terms.count > 1 else { return terms[0] }
        let middle = (terms.count + 1) / 2
        return arranged(Array(terms[..<middle])) + arranged(Array(terms[middle...]))
      case .blocks(let size): return sequence(chunks(terms, size).map(free))
      }
    }
    guard model.splits > 1 else { return arranged(products) }
    let parts = chunks(products, (products.count + model.splits - 1) / model.splits).map { part in
      let sum = arranged(part)
      return model.partials.map { Float($0.rounded(Double(sum))) } ?? sum
    }
    return free(parts)
  }

  private static func drawn(_ count: Int, _ generator: inout SplitMix64) -> [Float] {
    (0..<count).map { _ in
      // The sum of twelve uniform numbers, as good as Gaussian here.
      (0..<12).reduce(-6) { sum, _ in sum + Float.random(in: 0..<1, using: &generator) }
    }
  }

  @Test(arguments: orders) func aMachineOfThatOrderIsWithin(order: String) throws {
    let model = try ArithmeticModel(parsing: "f32,\(order)")
    var generator = SplitMix64(seed: 9)
    var greatest = 0.0
    for count in [1, 2, 3, 9, 64, 200] {
      for round in 0..<30 {
        var (a, b) = (Self.drawn(count, &generator), Self.drawn(count, &generator))
        // Cancellation, and one outlier.
        if round % 3 == 1 {
          for index in a.indices where index % 2 == 1 { (a[index], b[index]) = (a[index - 1], -b[index - 1]) }
        }
        if round % 3 == 2 { a[0] *= 0x1p30 }
        let exact = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let tracked = model.dot(a.map { Tracked(Double($0)) }, b.map { Tracked(Double($0)) })
        let anyOrder = ArithmeticModel.f32.dot(a.map { Tracked(Double($0)) }, b.map { Tracked(Double($0)) })
        if model.partials == nil { #expect(tracked.error <= anyOrder.error) }
        let sum = Self.sum(zip(a, b).map(*), model, &generator)
        guard sum.isFinite else {
          #expect(tracked.specials.includes(sum), "\(order), \(count): \(sum), \(tracked)")
          continue
        }
        let distance = (Double(sum) - exact).magnitude
        // Float64 adds 200 such products within 2⁻⁴⁰ of their magnitudes' sum.
        let slack = zip(a, b).reduce(0.0) { $0 + (Double($1.0) * Double($1.1)).magnitude } * 0x1p-40
        #expect(distance <= tracked.error + slack, "\(order), \(count): \(distance), \(tracked)")
        if tracked.error > 0 { greatest = max(greatest, distance / tracked.error) }
      }
    }
    #expect(greatest > 0.25, "\(greatest)")
  }

  /// 4,096 Gaussian products in bfloat16, added in Float32: beside the last cast, in halves of its spacing at the root mean square.
  @Test func aDeclaredOrderIsSharp() throws {
    var generator = SplitMix64(seed: 10)
    let (sequence, free) = (try ArithmeticModel(parsing: "bf16,order=sequence"), ArithmeticModel.bf16)
    let half = FloatFormat.bfloat16.spacing(atMagnitude: 64) / 2
    var errors: (declared: [Double], free: [Double]) = ([], [])
    for _ in 0..<9 {
      func factors() -> [Tracked] {
        Self.drawn(4096, &generator).map { Tracked(FloatFormat.bfloat16.rounded(Double($0))) }
      }
      let (a, b) = (factors(), factors())
      errors.declared.append(sequence.dot(a, b).error / half)
      errors.free.append(free.dot(a, b).error / half)
    }
    #expect(errors.declared.sorted()[4] <= 0.05, "\(errors.declared)")
    #expect(errors.free.sorted()[4] > 1, "\(errors.free)")
  }

  /// Sums in binary16 and bfloat16, in sequence: the running bound is finite where that of every order says nothing any more.
  @Test(arguments: ["f16", "bf16"]) func narrowSumsAreBounded(format: String) throws {
    let model = try ArithmeticModel(parsing: "f32,order=sequence,sums=\(format)")
    let sums = try #require(model.sums)
    var generator = SplitMix64(seed: 12)
    var greatest = 0.0
    for count in [2, 17, 300] {
      for _ in 0..<40 {
        let (a, b) = (Self.drawn(count, &generator), Self.drawn(count, &generator))
        let products = zip(a, b).map { Double($0) * Double($1) }
        let computed = products.dropFirst().reduce(sums.rounded(products[0])) { sums.rounded($0 + sums.rounded($1)) }
        let tracked = model.dot(a.map { Tracked(Double($0)) }, b.map { Tracked(Double($0)) })
        let distance = (computed - products.reduce(0, +)).magnitude
        #expect(distance <= tracked.error * (1 + 0x1p-30), "\(count): \(distance), \(tracked)")
        greatest = max(greatest, distance / tracked.error)
      }
    }
    #expect(greatest > 0.3, "\(greatest)")
    #expect(model.dot([Tracked(60000)], [Tracked(2)]).isFinite == (format == "bf16"))
  }

  /// A sum in a narrow format rounds its first term, too.
  @Test func theFirstTermOfANarrowSumIsRounded() throws {
    let terms = [1 + 0x1p-8 - 0x1p-20, 0x1p-8 - 0x1p-20]
    let computed = FloatFormat.bfloat16.rounded(FloatFormat.bfloat16.rounded(terms[0]) + terms[1])
    let distance = (computed - terms[0] - terms[1]).magnitude
    for order in ["any", "sequence"] {
      let model = try ArithmeticModel(parsing: "f32,order=\(order),sums=bf16")
      #expect(model.total(terms.map { Tracked($0) }).error >= distance)
      // A product with 1 is no number of the format either.
      #expect(model.dot([Tracked(1)], [Tracked(1 + 0x1p-12)]).error >= 0x1p-12)
    }
  }

  /// Lanes without a term are lanes: of eight, five with a term, the halves and the neighbours that meet give 1.
  @Test func lanesWithoutATermAreLanes() throws {
    let model = try ArithmeticModel(parsing: "f32,order=8-lanes")
    for terms in [[0x1p24, 1, 0, -0x1p24, 1], [0x1p24, 1, -0x1p24, 1]] {
      let sum = model.total(terms.map { Tracked($0) })
      #expect(sum.lower == 2 && sum.error >= 1, "\(sum)")
    }
  }

  @Test func partialsWithoutSplitsAreRefused() {
    for format in ["bf16", "f32"] {
      #expect(throws: ArithmeticError.self) { try ArithmeticModel(parsing: "f32,partials=\(format)") }
    }
  }
}

import PlumbExact
import PlumbModel
import Testing

@testable import PlumbReference

/// The choice of experts: decided where enclosures are apart or logits are equal for a reason, and not otherwise.
@Suite struct RouterTests {
  /// A router whose rows are `rows`, of one input each.
  private func layer(
    _ rows: [Float], chosen: Int, _ score: RouterLayer.Score = .softmax, isRenormalised: Bool = true,
    bias: [Float]? = nil, factor: Float = 1
  ) throws -> RouterLayer {
    func tensor(_ values: [Float], _ shape: [Int]) throws -> Tensor {
      try #require(Tensor(name: "t", type: .f32, shape: shape, bytes: WeightArray(values)))
    }
    return RouterLayer(
      logits: LinearLayer(weight: try tensor(rows, [rows.count, 1])), chosen: chosen, score: score,
      isRenormalised: isRenormalised, choiceBias: try bias.map { try tensor($0, [rows.count]) }, factor: factor)
  }

  private func logits(_ midpoints: [Int], radius: Rational = 0) -> Activation<Ball> {
    Activation(
      shape: [1, midpoints.count], elements: midpoints.map { Ball(midpoint: Rational(Integer($0)), radius: radius) })
  }

  @Test func theGreatestAreChosenInTheOrderOfTheirIndex() throws {
    let layer = try layer([1, 2, 3, 4, 5], chosen: 2)
    #expect(try Reference.routerChoice(logits([3, 9, -4, 7, 8]), layer, precision: 64).experts == [[1, 4]])
    // Far apart for their radii.
    let wide = logits([3, 9, -4, 7, 8], radius: Rational(1, over: 3))
    #expect(try Reference.routerChoice(wide, layer, precision: 64).experts == [[1, 4]])
  }

  /// Far below 0 a sigmoid is e^x but for a factor of 1 + e^x: shares of sigmoids are those of a softmax there, though no precision tells
  /// one of them from 0.
  @Test func sharesOfSigmoidsFarBelowZero() throws {
    let base = -(1 << 40)
    let sigmoid = try layer([1, 2, 3], chosen: 2, .sigmoid)
    let shares = try Reference.router(logits([base, base - 1, base - 4]), sigmoid, precision: 96).elements
    let softmax = try Reference.softmax(logits([0, -1]), precision: 96).elements
    for (share, expected) in zip(shares, softmax) {
      #expect(share.lower <= expected.upper && expected.lower <= share.upper)
      #expect(share.radius < Rational(1, over: 1 << 60))
    }
    #expect(shares[2].isExact && shares[2].midpoint.isZero)
    let one = try layer([1, 2], chosen: 1, .sigmoid)
    let whole = try Reference.router(logits([base, base - 1]), one, precision: 96).elements[0]
    #expect(whole.lower <= 1 && whole.upper >= 1 && whole.radius < Rational(1, over: 1 << 60))
  }

  @Test func enclosuresThatMeetDecideNothing() throws {
    let layer = try layer([1, 2, 3], chosen: 1)
    #expect(throws: EnclosureError.comparisonUndecided(function: "the router's choice of experts")) {
      try Reference.routerChoice(logits([0, 4, 4], radius: 1), layer, precision: 64)
    }
    // Enclosures away from the boundary may overlap.
    let two = try self.layer([1, 2, 3], chosen: 2)
    #expect(try Reference.routerChoice(logits([0, 4, 4], radius: 1), two, precision: 64).experts == [[1, 2]])
  }

  @Test func equalRowsAndEqualLogitsTakeTheLowestIndex() throws {
    let same = try layer([1, 2, 2], chosen: 1)
    #expect(try Reference.routerChoice(logits([0, 4, 4], radius: 1), same, precision: 64).experts == [[1]])
    let other = try layer([1, 2, 3], chosen: 1)
    #expect(try Reference.routerChoice(logits([4, 4, 0]), other, precision: 64).experts == [[0]])
    // Equal rows with unlike biases are as unlike as these.
    let biased = try layer([1, 2, 2], chosen: 1, .sigmoid, bias: [0, 0.25, 0.5])
    #expect(try Reference.routerChoice(logits([0, 4, 4]), biased, precision: 64).experts == [[2]])
    let equal = try layer([1, 2, 3], chosen: 1, .sigmoid, bias: [0, 0.5, 0.5])
    #expect(try Reference.routerChoice(logits([0, 4, 4]), equal, precision: 64).experts == [[1]])
  }

  /// A bias of half a unit in the last place of what separates two scores.
  @Test func aBiasDecidesAsFinelyAsPrecisionAllows() throws {
    // σ(1) − σ(0) = tanh(½)/2 = 0.231058578630004879…: the Float32s beside it put either first.
    let difference: Float = 0.23105858
    for (added, first) in [(difference.nextDown, 1), (difference.nextUp, 0)] {
      let layer = try layer([1, 2], chosen: 1, .sigmoid, bias: [added, 0])
      #expect(try Reference.routerChoice(logits([0, 1]), layer, precision: 128).experts == [[first]])
    }
  }

  /// Identities: the weights of a softmax over all, divided by their sum, are those over the chosen; a factor multiplies; what is not
  /// chosen is 0.
  @Test(arguments: RouterLayer.Score.allCases) func weightsAreSharesOfScores(score: RouterLayer.Score) throws {
    let x = logits([3, 9, -4, 7, 8])
    let rows: [Float] = [1, 2, 3, 4, 5]
    let shares = try Reference.router(x, layer(rows, chosen: 3, score), precision: 128).elements
    let plain = try Reference.router(x, layer(rows, chosen: 3, score, isRenormalised: false), precision: 128).elements
    let sum = plain.reduce(Ball(0), +)
    for (share, score) in zip(shares, plain) {
      let quotient = try score.divided(by: sum, precision: 128)
      #expect(share.lower <= quotient.upper && quotient.lower <= share.upper)
      #expect(share.radius <= Rational(1, over: Integer(2).power(100)))
    }
    #expect([0, 2].allSatisfy { shares[$0].isExact && shares[$0].midpoint.isZero })
    guard score == .sigmoid else { return }
    let scaled = try Reference.router(x, layer(rows, chosen: 3, score, factor: 2.5), precision: 128).elements
    for (scaled, share) in zip(scaled, shares) {
      let product = share * Ball(Rational(5, over: 2))
      #expect(scaled.lower <= product.upper && product.lower <= scaled.upper)
    }
  }

  /// Weights of an expert that no token is given to are not read: NaN among them would be an error.
  @Test func expertsThatAreNotChosenAreNotRead() throws {
    func product(_ value: Float) throws -> LinearLayer {
      LinearLayer(
        weight: try #require(Tensor(name: "e", type: .f32, shape: [1, 1], bytes: WeightArray([value]))))
    }
    let layer = ExpertLinearLayer(products: [try product(2), try product(.nan), try product(3)], chosen: 2)
    let x = Activation<Ball>(shape: [1, 1], elements: [Ball(5)])
    let weights = Activation<Ball>(shape: [1, 3], elements: [Ball(1), Ball(0), Ball(1)])
    let result = try Reference.expertLinear(x, weights, layer, precision: 64)
    #expect(result.shape == [1, 2, 1] && result.elements.map(\.midpoint) == [10, 15])
    let wrong = Activation<Ball>(shape: [1, 3], elements: [Ball(1), Ball(1), Ball(0)])
    #expect(throws: EnclosureError.self) { try Reference.expertLinear(x, wrong, layer, precision: 64) }
  }
}

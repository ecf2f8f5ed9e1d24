import PlumbExact
import PlumbModel
import Testing

/// The contract of balls, and that it is not bought with width.
@Suite struct ElementaryContainmentTests {
  @Test(arguments: ElementaryFunction.allCases)
  func `two precisions overlap, and every radius is as small as promised`(_ function: ElementaryFunction) throws {
    var randomness = SplitMix64(seed: 8000)
    for _ in 0..<60 {
      let x = randomness.argument(of: function)
      let (low, high) = (randomness.precision(upTo: 500), randomness.precision(upTo: 500))
      let (coarse, fine) = (try function(Ball(x), precision: low), try function(Ball(x), precision: high))
      #expect(coarse.overlaps(fine), "\(function) \(x) at \(low) and \(high) bits")
      if function.isRelativelyAccurate(at: x) {
        #expect(coarse.isAccurate(to: low), "\(function) \(x) at \(low) bits")
      }
    }
  }

  /// A ball's image contains the images of points of it, the ends above all.
  @Test(arguments: ElementaryFunction.allCases)
  func `images of balls contain images of their points`(_ function: ElementaryFunction) throws {
    var randomness = SplitMix64(seed: 9000)
    var count = 0
    while count < 60 {
      let midpoint = randomness.argument(of: function)
      let exponent = midpoint.floorLog2 - Int.random(in: -3...60, using: &randomness)
      let ball = Ball(midpoint: midpoint, radius: Rational(3) * .powerOfTwo(exponent - 1))
      guard function.isDefined(at: ball.lower), function.isDefined(at: ball.upper) else { continue }
      if function == .log1p || function == .log, ball.lower.signum() < 0 { continue }
      count += 1
      let precision = randomness.precision(upTo: 256)
      let image = try function(ball, precision: precision)
      for point in [ball.lower, ball.upper, midpoint, randomness.point(in: ball)] {
        let value = try function(Ball(point), precision: 400)
        #expect(
          Ball(midpoint: image.midpoint, radius: image.radius + value.radius * 2).contains(value),
          "\(function) of \(point) in \(ball) at \(precision) bits")
      }
    }
  }

  /// An image is at most a fifth wider than it must be: it reaches from f(lower) to f(upper), or, near an extremum, as far
  /// as the second derivative, at most 1 for sin and cos, carries it.
  @Test(arguments: ElementaryFunction.allCases)
  func `images of balls are not much wider than they must be`(_ function: ElementaryFunction) throws {
    var randomness = SplitMix64(seed: 10_000)
    var count = 0
    while count < 60 {
      let midpoint = randomness.fraction(bits: 24) * 6 + Rational(1, over: 64)
      let radius =
        midpoint * .powerOfTwo(-Int.random(in: 1...(Bool.random(using: &randomness) ? 9 : 300), using: &randomness))
      count += 1
      let ball = Ball(midpoint: midpoint, radius: radius)
      let image = try function(ball, precision: 400)
      let middle = try function(Ball(midpoint), precision: 700)
      let ends = [try function(Ball(ball.lower), precision: 700), try function(Ball(ball.upper), precision: 700)]
      let reach = ends.map { ($0 - middle).magnitude.upper }.reduce(Rational.zero, max)
      let own = middle.magnitude.upper * .powerOfTwo(-399)
      let curvature = function == .sin || function == .cos ? radius * radius : .zero
      #expect(image.radius <= reach * Rational(6, over: 5) + own + curvature, "\(function) of \(ball)")
    }
  }
}

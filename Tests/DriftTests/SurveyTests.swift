import PlumbExact
import PlumbFormats
import PlumbModel
import Testing

@testable import PlumbBounds
@testable import PlumbVerdicts

/// The survey by vector instructions against the formulas for single elements, bit for bit.
@Suite struct SurveyTests {
  /// Numbers of every size that an activation may have, subnormals, zeros and the ends of Float32 among them.
  private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SplitMix64(seed: seed)
    let special: [Float] = [
      0, -0.0, 1, -1, 0x1p-149, -0x1p-149, 0x1p-126, 0x1.fffffep127, -0x1.fffffep127,
      Float.leastNormalMagnitude.nextDown, 690, -690, 691,
      -691, 0x1p24,
    ]
    return (0..<count).map { index in
      if index < special.count { return special[index] }
      while true {
        // One in two next to 1, where most numbers of a model are.
        let bits = UInt32(truncatingIfNeeded: generator.next())
        let number = index % 2 == 0 ? Float(bitPattern: bits) : Float(bitPattern: bits & 0x83FF_FFFF | 0x3C00_0000)
        if number.isFinite { return number }
      }
    }
  }

  private static func same(_ run: NearRun, _ index: Int, _ bound: NearBound) -> Bool {
    run.lower[index] == bound.lower && run.upper[index] == bound.upper
  }

  @Test(arguments: ExactInstructionSet.surveySets) func boundsOfSums(set: ExactInstructionSet) throws {
    let sizes = Self.numbers(1001, seed: 1).map { Double($0.magnitude) * 1.000000001 }
    for (terms, further) in [(1, 0), (64, 1), (576, 0), (1 << 19, 2)] {
      let sums = try #require(Checks.summation(terms: terms, further: further))
      // About where a sum and its bound are the greatest Float32.
      let edge = 0x1.FFFFFEp127 / (1 + sums.nearGamma)
      let magnitudes = sizes + (-60...60).map { edge * (1 + Double($0) * 0x1p-51 * Double(terms)) }
      var run = NearRun(count: magnitudes.count, known: false, set)
      run.boundSums(0..<run.count, magnitudes, NearRun.SumModel(sums, added: terms + 3))
      let off = 4 * PanelSums.relativeError(terms: terms + 4)
      for (index, magnitude) in magnitudes.enumerated() {
        let bound = NearBound.sum(sums, absoluteSum: magnitude * (1 - off), magnitude * (1 + off))
        #expect(Self.same(run, index, bound), "\(terms) terms, \(magnitude)")
        #expect(run.errors[index] >= PanelSums.relativeError(terms: terms + 3) * magnitude)
      }
      // There, a bound may be known to be finite, to be infinite, or neither.
      let certain = run.lower.indices.map { (run.lower[$0].isFinite, run.upper[$0].isFinite) }
      for (lower, upper) in [(true, true), (true, false), (false, false)] {
        #expect(certain.contains { $0 == (lower, upper) }, "\(terms) terms")
      }
    }
  }

  @Test(arguments: ExactInstructionSet.surveySets) func boundsOfOneRounding(set: ExactInstructionSet) {
    let (values, others) = (Self.numbers(1001, seed: 2), Self.numbers(1001, seed: 3))
    for relative in [0, 0x1p-60, 3e-7, 0.1] {
      for offset in [0, 0x1p-1000, 0x1p-30] {
        var run = NearRun(count: values.count, known: false, set)
        for index in values.indices {
          // Errors of any size, and some that exceed the number.
          let error = index % 7 == 0 ? Double(others[index].magnitude) : Double(values[index].magnitude) * 0x1p-50
          let absolute = error == 0 && relative == 0 && offset == 0 ? 0x1p-900 : offset
          run.set(index, Near(Double(values[index]) * 1.1, error: error), offBy: absolute)
        }
        let offsets = run.upper
        run.boundRoundings(relativeError: relative)
        for index in values.indices {
          let near = Near(run.values[index], error: run.errors[index])
          let bound = NearBound.oneRounding(of: near, relativeError: relative, absoluteError: offsets[index])
          #expect(Self.same(run, index, bound), "\(near), \(relative), \(offsets[index])")
        }
      }
    }
  }

  @Test(arguments: ExactInstructionSet.surveySets) func boundsOfExactNumbers(set: ExactInstructionSet) {
    let (x, y) = (Self.numbers(1001, seed: 4), Self.numbers(1001, seed: 5).shuffled(seed: 6))
    let sums = zip(x, y).map { ErrorFree.sum(Double($0), Double($1)) }
    let products = zip(x, y).map { (sum: Double($0) * Double($1), rest: 0.0) }
    for known in [sums, products, x.map { (sum: Double($0), rest: 0.0) }] {
      var run = NearRun(count: known.count, known: true, set)
      run.values = known.map(\.sum)
      run.rests = known.map(\.rest)
      run.boundExact()
      for index in known.indices {
        let near = Near(run.values[index], run.rests[index], error: 0)
        #expect(Self.same(run, index, .oneRounding(of: near)), "\(near)")
      }
    }
  }

  @Test(arguments: ExactInstructionSet.surveySets) func logisticNumbers(set: ExactInstructionSet) {
    let x = Self.numbers(2001, seed: 7)
    var run = NearRun(count: x.count, known: false, set)
    run.setLogistic(x, from: 0)
    for (index, x) in x.enumerated() {
      let near = Filter.logistic(Double(x), of: Double(x.magnitude), 0)
      #expect(run.values[index] == near.value && run.errors[index] == near.error, "\(x)")
    }
  }

  /// A whole activation, element by element and run by run: the same places for the exact path, and the same report.
  @Test(arguments: ExactInstructionSet.surveySets, [0, 1, 2, 3]) func runsAreTheirElements(
    set: ExactInstructionSet, kind: Int
  ) throws {
    for (round, count) in [1, 7, 24, 255, 256, 257, 4096].enumerated() {
      let seed = UInt64(100 * kind + round)
      let (x, y) = (Self.numbers(count, seed: seed), Self.numbers(count, seed: seed + 50).shuffled(seed: seed))
      var run = NearRun(count: count, known: kind < 2, set)
      for index in x.indices {
        // A bound of nothing would end the survey: products stay below 2¹²⁷.
        let isGreat = Double(x[index]).magnitude * Double(y[index]).magnitude >= 0x1p127
        let (first, second) = (Double(x[index]) * 0x1p-4, isGreat ? 0x1p-4 : Double(y[index]) * 0x1p-4)
        let known: (sum: Double, rest: Double) = kind == 0 ? ErrorFree.sum(first, second) : (first * second, 0)
        run.values[index] = kind < 2 ? known.sum : first * 1.3
        run.rests[index] = kind < 2 ? known.rest : 0
        // Now and then nothing at all is known of a number, or no bound is near another.
        run.errors[index] = kind < 2 ? 0 : first.magnitude * (index % 31 == 3 ? 0x1p-20 : 0x1p-45)
        if kind == 3 { (run.lower[index], run.upper[index]) = (0x1p-30, 0x1p-30 * (index % 5 == 0 ? 1 : 1.0001)) }
      }
      if kind < 2 { run.boundExact() } else { run.boundRoundings(relativeError: kind == 2 ? 3e-7 : 0x1p-26) }
      // Nearly everything is rounded well, and some elements are a little off, zero, or of the other sign.
      let engine = x.indices.map { index -> Float in
        let rounded = Float(run.values[index] + run.rests[index])
        guard rounded.isFinite else { return 0 }
        switch index % 97 {
        case 11: return rounded.nextUp.isFinite ? rounded.nextUp : rounded
        case 12: return -rounded
        case 13: return 0
        default: return rounded
        }
      }
      let activation = Activation<Float>(shape: [count], elements: engine)
      var (all, single) = (LocalSurvey(activation), LocalSurvey(activation))
      all.add(0..<count, of: run, at: 0)
      for index in 0..<count {
        single.add(
          index, Near(run.values[index], run.rests[index], error: run.errors[index]),
          NearBound(lower: run.lower[index], upper: run.upper[index]))
      }
      let (first, second) = (try #require(all.median), try #require(single.median))
      #expect(first.lower == second.lower && first.upper == second.upper && first.rank == second.rank)
      #expect(first.unsure == second.unsure)
      #expect(all.places(first) == single.places(second))
      // Nothing is resolved here, the median neither.
      let settled = LocalSurvey.Median(lower: first.lower, upper: first.lower, rank: 0, unsure: [])
      let drifts = (all.drift([:], settled), single.drift([:], settled))
      #expect(drifts.0.verdict == drifts.1.verdict)
      #expect(drifts.0.ulps == drifts.1.ulps && drifts.0.margins == drifts.1.margins, "\(count) elements, kind \(kind)")
    }
  }

  /// The median is that of the distances themselves, wherever bounds overlap.
  @Test func theMedianLiesWithinItsBounds() throws {
    var generator = SplitMix64(seed: 9)
    for count in [1, 2, 3, 10, 101, 1000] {
      let values = (0..<count).map { _ in 1 + Double(generator.next() >> 12) * 0x1p-52 }
      let activation = Activation<Float>(shape: [count], elements: values.map { Float($0) })
      var survey = LocalSurvey(activation)
      var distances: [Double] = []
      for (index, value) in values.enumerated() {
        // Wide bounds on both sides of every limit.
        let error = Double(generator.next() % 1000 + 1) * 0x1p-34
        survey.add(index, Near(value, error: error), NearBound(lower: 0x1p-20, upper: 0x1p-20))
        distances.append((Double(Float(value)) - value).magnitude * 0x1p23)
      }
      let median = try #require(survey.median)
      let exact = distances.sorted()[count / 2]
      #expect(median.lower <= exact && exact <= median.upper)
      #expect(median.unsure.map { distances[$0] }.sorted()[median.rank] == exact, "\(count)")
    }
  }

  /// Distances of every size: from 0 over those that Float32 does not hold to those that nothing is known of.
  @Test(arguments: [0, 0x1p-300, 0x1p-65, 0x1p-64, 1, 0x1p126, 0x1p127, 0x1.fffffep127, 0x1p128, 0x1p190, 0x1p270])
  func aMedianOfAnySizeLiesWithinItsBounds(size: Double) throws {
    for unknown in [0, 1, 2, 3, 5] {
      var survey = LocalSurvey(Activation<Float>(shape: [5], elements: [Float](repeating: 0, count: 5)))
      var distances: [Double] = []
      for index in 0..<5 {
        let distance = size * (index == 4 ? 0.5 : 1)
        if index < unknown {
          survey.addUnknown(index)
        } else {
          // Spacings near 0 are 2⁻¹⁴⁹; a magnitude that has a greater one makes the distance smaller.
          survey.add(index, Near(distance * 0x1p-149, error: 0), NearBound(lower: 0x1p-149, upper: 0x1p-149))
        }
        let magnitude = distance * 0x1p-149
        distances.append(magnitude * LocalSurvey.inverseSpacing(at: magnitude))
      }
      let median = try #require(survey.median)
      let exact = distances.sorted()[2]
      #expect(median.lower <= exact && exact <= median.upper, "\(unknown) of \(size)")
      #expect(median.lower == median.upper || median.unsure.indices.contains(median.rank), "\(unknown) of \(size)")
    }
  }
}

extension [Float] {
  /// The same numbers in another order.
  fileprivate func shuffled(seed: UInt64) -> [Float] {
    var generator = SplitMix64(seed: seed)
    var result = self
    for index in result.indices.dropFirst() { result.swapAt(index, Int(generator.next() % UInt64(index + 1))) }
    return result
  }
}

internal import CExact

/// Real numbers side by side, each within `errors[i]` of `values[i]` + `rests[i]`, and between what limits the bound of each
/// lies: what the plain formulas of a filter do to one number, done to many at a time, to the bit.
package struct NearRun: Sendable {
  /// The numbers, rounded.
  package var values: [Double]
  /// The parts of the numbers that the values lack, at most half a unit of their last place.
  package var rests: [Double]
  /// The greatest distance of a number from the sum of the two.
  package var errors: [Double]
  /// At most the bounds.
  package var lower: [Double]
  /// At least the bounds; infinite where nothing is claimed.
  package var upper: [Double]
  /// Whether numbers may have rests, or no error: a run of others takes less time.
  package var isKnown: Bool
  private let set: ExactInstructionSet

  /// Room for `count` numbers, which are 0, and are known exactly or have rests where they are said to be `known`.
  package init(count: Int, known: Bool = false) {
    self.init(count: count, known: known, .fastestSurvey)
  }

  /// The same, for the instructions of `set`, which must be among `surveySets`.
  package init(count: Int, known: Bool, _ set: ExactInstructionSet) {
    precondition(ExactInstructionSet.surveySets.contains(set), "this processor has no \(set)")
    isKnown = known
    values = [Double](repeating: 0, count: count)
    (rests, errors, lower, upper, self.set) = (values, values, values, values, set)
  }

  /// The bound of sums of products: that of `Summation.bound(absoluteSum:)`.
  package struct SumModel: Sendable {
    let model: plumb_sum_model

    /// By `gamma`·(S + `underflow`) + `underflow`, S the sum of magnitudes, which is off by a relative `off`; the sum itself is
    /// off by `relative`·S.
    package init(gamma: Double, underflow: Double, off: Double, relative: Double) {
      model = plumb_sum_model(gamma: gamma, underflow: underflow, off: off, relative: relative)
    }
  }

  /// Whether one of the `count` sums of magnitudes from `start` on is below `scale` times the lowest bit of the weight with
  /// its number from `first` on, or that weight is 0.
  package func mayBeBelow(
    _ magnitudes: [Double], _ start: Int, _ weights: [Double], _ first: Int, count: Int, timesLowestBit scale: Double
  ) -> Bool {
    precondition(
      count >= 0 && start >= 0 && start + count <= magnitudes.count && first >= 0 && first + count <= weights.count,
      "\(count) sums and weights, from \(start) of \(magnitudes.count) and from \(first) of \(weights.count)")
    // Sound: both have `count` numbers from these places on.
    return unsafe magnitudes.withUnsafeBufferPointer { magnitudes in
      unsafe weights.withUnsafeBufferPointer { weights in
        guard let functions = unsafe plumb_survey_for(set.code), let magnitudes = magnitudes.baseAddress,
          let weights = weights.baseAddress
        else { return true }
        return unsafe functions.pointee.may_not_round(magnitudes + start, weights + first, count, scale) != 0
      }
    }
  }

  /// Sets the errors and the bounds of the sums of products `range`, by the sums of magnitudes, of which there are as many as
  /// numbers.
  package mutating func boundSums(_ range: Range<Int>, _ magnitudes: [Double], _ how: SumModel) {
    precondition(
      magnitudes.count == count && range.lowerBound >= 0 && range.upperBound <= count,
      "\(magnitudes.count) sums of magnitudes for sums \(range) of \(count)")
    // Sound here and below: every array has `count` numbers, and the functions take no others.
    unsafe withLimits { functions, lower, upper, errors in
      unsafe magnitudes.withUnsafeBufferPointer { magnitudes in
        guard let magnitudes = magnitudes.baseAddress else { return }
        var model = how.model
        let start = range.lowerBound
        unsafe functions.pointee.sum_bounds(
          magnitudes + start, range.count, &model, errors + start, lower + start, upper + start)
      }
    }
  }

  /// Sets the bounds of numbers without rests that are off by a relative `relativeError` and by what `lower` and `upper` hold
  /// before, and are then rounded once.
  ///
  /// - Precondition: for each number, one of its error, `relativeError` and its `upper` is not 0.
  package mutating func boundRoundings(relativeError: Double) {
    let values = values
    unsafe withLimits { functions, lower, upper, errors in
      unsafe values.withUnsafeBufferPointer { values in
        guard let numbers = values.baseAddress else { return }
        unsafe functions.pointee.rounding_bounds(numbers, errors, values.count, relativeError, lower, upper)
      }
    }
  }

  /// The same where nothing but the relative error is inherited.
  package mutating func boundOneRounding(relativeError: Double) {
    for index in lower.indices { lower[index] = 0 }
    for index in upper.indices { upper[index] = 0 }
    boundRoundings(relativeError: relativeError)
  }

  /// Sets the numbers to x·σ(x) for the elements of `x` from `start` on, as many as there are numbers or elements, with how far
  /// each may be off.
  package mutating func setLogistic(_ x: [Float], from start: Int) {
    precondition(0...x.count ~= start, "element \(start) of \(x.count)")
    let count = min(count, x.count - start)
    unsafe values.withUnsafeMutableBufferPointer { values in
      unsafe errors.withUnsafeMutableBufferPointer { errors in
        unsafe x.withUnsafeBufferPointer { x in
          guard let functions = unsafe plumb_survey_for(set.code), let values = values.baseAddress,
            let errors = errors.baseAddress, let x = x.baseAddress
          else { return }
          unsafe functions.pointee.logistic(x + start, count, values, errors)
        }
      }
    }
  }

  /// Sets the bounds of numbers that are known exactly and rounded once.
  package mutating func boundExact() {
    let (values, rests) = (values, rests)
    unsafe withLimits { functions, lower, upper, _ in
      unsafe values.withUnsafeBufferPointer { values in
        unsafe rests.withUnsafeBufferPointer { rests in
          guard let numbers = values.baseAddress, let rests = rests.baseAddress else { return }
          unsafe functions.pointee.exact_bounds(numbers, rests, values.count, lower, upper)
        }
      }
    }
  }

  /// The number of numbers.
  package var count: Int { values.count }

  /// Calls `body` with the kernels, and the numbers from `start` on.
  func withNear(
    from start: Int, _ body: (_ functions: UnsafePointer<plumb_survey_functions>, _ near: plumb_near) -> Void
  ) {
    requireOneOfEach()
    // Sound: every array has `count` numbers.
    unsafe values.withUnsafeBufferPointer { values in
      unsafe rests.withUnsafeBufferPointer { rests in
        unsafe errors.withUnsafeBufferPointer { errors in
          unsafe lower.withUnsafeBufferPointer { lower in
            unsafe upper.withUnsafeBufferPointer { upper in
              guard let functions = unsafe plumb_survey_for(set.code), let values = values.baseAddress,
                let rests = rests.baseAddress, let errors = errors.baseAddress, let lower = lower.baseAddress,
                let upper = upper.baseAddress
              else { return }
              unsafe body(
                functions,
                plumb_near(
                  values: values + start, rests: rests + start, errors: errors + start, lower: lower + start,
                  upper: upper + start))
            }
          }
        }
      }
    }
  }

  private mutating func withLimits(
    _ body: (
      _ functions: UnsafePointer<plumb_survey_functions>, _ lower: UnsafeMutablePointer<Double>,
      _ upper: UnsafeMutablePointer<Double>, _ errors: UnsafeMutablePointer<Double>
    ) -> Void
  ) {
    requireOneOfEach()
    let set = set
    unsafe lower.withUnsafeMutableBufferPointer { lower in
      unsafe upper.withUnsafeMutableBufferPointer { upper in
        unsafe errors.withUnsafeMutableBufferPointer { errors in
          guard let functions = unsafe plumb_survey_for(set.code), let lower = lower.baseAddress,
            let upper = upper.baseAddress, let errors = errors.baseAddress
          else { return }
          unsafe body(functions, lower, upper, errors)
        }
      }
    }
  }

  private func requireOneOfEach() {
    precondition(
      rests.count == count && errors.count == count && lower.count == count && upper.count == count,
      "a run of numbers of which some lack an error or a bound")
  }
}

extension ExactInstructionSet {
  /// The sets that this processor has a survey for, the fastest last.
  package static let surveySets = allCases.filter { set in
    // The functions are not called here.
    unsafe plumb_survey_for(set.code) != nil
  }
  static let fastestSurvey = surveySets.last ?? .portable
}

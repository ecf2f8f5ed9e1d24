internal import CExact

/// The findings of a survey by vector instructions on the elements of an activation, one by one.
package struct SurveyMarks: Sendable {
  /// Bounds of the distances in ulps; of those that nobody has set the lower is above the upper.
  package private(set) var ulpsLower: [Float]
  package private(set) var ulpsUpper: [Float]
  /// The upper bounds of the distances in ulps and of the margins, for the ordinary elements.
  package private(set) var ordinary = (ulps: FineCounts(), margins: FineCounts(), count: 0)
  private var others = [UInt16](repeating: 0, count: greatestRun)

  /// The most elements of a run.
  package static let greatestRun = Int(PLUMB_SURVEY_RUN)

  /// Nothing said yet of `count` elements.
  package init(count: Int) {
    ulpsLower = [Float](repeating: .infinity, count: count)
    ulpsUpper = [Float](repeating: -1, count: count)
  }

  /// Sets the bounds of the distance of the element at `index`: to `lower` and `upper`, rounded outward.
  package mutating func set(_ index: Int, lower: Double, upper: Double) {
    let (least, greatest) = (Float(lower), Float(upper))
    ulpsLower[index] = Double(least) > lower ? least.nextDown : least
    ulpsUpper[index] = Double(greatest) < upper ? greatest.nextUp : greatest
  }

  /// The elements of which the upper bound is above `least` and the lower one at most `greatest`, in rising order, and the
  /// number of elements whose upper bound is at most `least`.
  package func near(above least: Float, atMost greatest: Float) -> (places: [Int], below: Int) {
    let count = ulpsUpper.count
    precondition(ulpsLower.count == count && count < 1 << 32, "\(count) elements of one activation")
    var below = 0
    // Sound: both have `count` numbers, and so many places are there.
    let places = unsafe [UInt32](unsafeUninitializedCapacity: count) { places, found in
      unsafe ulpsLower.withUnsafeBufferPointer { lower in
        unsafe ulpsUpper.withUnsafeBufferPointer { upper in
          guard let functions = unsafe plumb_survey_for(ExactInstructionSet.fastestSurvey.code),
            let lower = lower.baseAddress, let upper = upper.baseAddress, let places = places.baseAddress
          else { return }
          unsafe found = functions.pointee.near_median(lower, upper, count, least, greatest, places, &below)
        }
      }
    }
    return (places.map { Int($0) }, below)
  }

  /// The figures that an element must reach to be the greatest of an activation.
  package struct Records: Sendable {
    let records: plumb_survey_records

    package init(margin: Double, ulps: Double, absolute: Double, magnitude: Double) {
      records = plumb_survey_records(margin: margin, ulps: ulps, absolute: absolute, magnitude: magnitude)
    }
  }

  /// Takes in the numbers `range` of `run`, which the elements of `engine` from `index` on should be.
  ///
  /// - Returns: the places in the range of those that are not ordinary: not certainly within, or in one bin of a histogram,
  ///   or the records may be theirs.
  /// - Precondition: there are at most `greatestRun`, and as many elements.
  package mutating func survey(
    _ range: Range<Int>, of run: NearRun, _ engine: [Float], from index: Int, _ records: Records
  ) -> ArraySlice<UInt16> {
    let count = range.count
    precondition(
      count <= Self.greatestRun && range.lowerBound >= 0 && range.upperBound <= run.count && index >= 0
        && index + count <= engine.count && engine.count == ulpsLower.count && engine.count == ulpsUpper.count,
      "a run of \(count) elements from \(index) of \(engine.count)")
    var found = 0
    // Sound: the function reads and writes `count` numbers from each place, all of which lie within their arrays, and counts
    // of the cells that there are.
    unsafe run.withNear(from: range.lowerBound) { functions, near in
      unsafe engine.withUnsafeBufferPointer { engine in
        unsafe ulpsLower.withUnsafeMutableBufferPointer { lower in
          unsafe ulpsUpper.withUnsafeMutableBufferPointer { upper in
            unsafe others.withUnsafeMutableBufferPointer { others in
              unsafe ordinary.ulps.withCounts { ulps in
                unsafe ordinary.margins.withCounts { margins in
                  guard let engine = engine.baseAddress, let lower = lower.baseAddress,
                    let upper = upper.baseAddress, let others = others.baseAddress
                  else { return }
                  var (near, records) = unsafe (near, records.records)
                  unsafe found = functions.pointee.survey(
                    engine + index, &near, run.isKnown ? 1 : 0, count, &records, lower + index, upper + index, ulps,
                    margins, others)
                }
              }
            }
          }
        }
      }
    }
    ordinary.count += count - found
    return others[..<found]
  }
}

/// The drift of one activation: a row of the report.
package struct ActivationDrift: Sendable, Codable {
  /// The activation's name, such as `blocks.3.query`.
  package let name: String
  /// The block, or `nil` outside the blocks.
  package let block: Int?
  /// The layer that computed it.
  package let layer: String
  /// The extents, outermost first.
  package let shape: [Int]
  /// The layer alone, fed what the engine fed it.
  package let local: LocalDrift
  /// Both sides fed only the tokens; `nil` where that was not asked for.
  package let accumulated: AccumulatedDrift?

  /// Makes the row of one activation.
  package init(
    name: String, block: Int?, layer: String, shape: [Int], local: LocalDrift, accumulated: AccumulatedDrift?
  ) {
    self.name = name
    self.block = block
    self.layer = layer
    self.shape = shape
    self.local = local
    self.accumulated = accumulated
  }
}

/// An activation against its exact value on the engine's own inputs.
///
/// Every distance is an upper bound.
package struct LocalDrift: Sendable, Codable {
  /// The greatest distance, in ulps of the exact value.
  package let worstUlps: Double
  /// The median distance, in ulps.
  package let medianUlps: Double
  /// The greatest distance.
  package let worstAbsolute: Double
  /// The greatest distance ÷ the greatest magnitude of an exact element.
  package let relative: Double
  /// The bound of the element with the greatest margin; infinite where nothing is claimed of any element.
  package let bound: Double
  /// The greatest quotient of distance and bound: above 1 is proved not to be rounding.
  package let margin: Double
  /// The verdict that is proved of all elements together.
  package internal(set) var verdict: Verdict
  /// The number of elements outside the domain, about which nothing is claimed.
  package let outsideDomain: Int
  /// The number of elements that no precision decided, about which nothing is claimed either.
  package internal(set) var undecided = 0
  /// The element with the greatest margin.
  package let worst: WorstElement?
  /// The distribution of the distances in ulps.
  package var ulps: [HistogramBin] = []
  /// The distribution of the margins; elements of which nothing is claimed have none.
  package var margins: [HistogramBin] = []
  /// The reason why there is no output to measure, such as a crash; `nil` where there is one.
  package internal(set) var problem: String?
}

/// One element with its exact enclosure; numbers are hex floats.
package struct WorstElement: Sendable, Codable {
  /// The index along each axis.
  package let index: [Int]
  /// The number that the engine computed.
  package let engine: String
  /// At most the exact value.
  package let lower: String
  /// At least the exact value.
  package let upper: String
}

/// An activation against its exact value from the tokens alone.
///
/// Every distance is an upper bound.
package struct AccumulatedDrift: Sendable, Codable {
  /// The greatest distance, in ulps of the exact value.
  package let worstUlps: Double
  /// The greatest distance.
  package let worstAbsolute: Double
  /// The greatest distance ÷ the greatest magnitude of an exact element.
  package let relative: Double
  /// The greatest radius of the exact enclosures.
  package let radius: Double

  /// Makes the drift of an activation.
  package init(worstUlps: Double, worstAbsolute: Double, relative: Double, radius: Double) {
    self.worstUlps = worstUlps
    self.worstAbsolute = worstAbsolute
    self.relative = relative
    self.radius = radius
  }
}

extension CheckedCase {
  /// The extents of the output.
  package var outputShape: [Int] { Catalogue.signature(of: source.layer).output.map { extent($0) } }

  /// The number of elements of the output.
  package var outputCount: Int { outputShape.reduce(1, *) }

  /// Refuses a case whose output is beyond what can be computed exactly, however small its inputs: an axis of length 0
  /// lets extents be large at no cost.
  ///
  /// - Throws: `CaseError` naming the shape.
  package func expectReasonableOutput() throws(CaseError) {
    var count = 1
    for extent in outputShape {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
      guard !overflow, product <= 1 << 24 else {
        throw CaseError(source.layer, "an output of shape \(outputShape) is too large to be computed exactly")
      }
      count = product
    }
  }
}

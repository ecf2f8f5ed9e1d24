/// The bound on the extents of tensors that are read.
package enum ReasonableShape {
  /// Whether loops over a tensor of `shape` end: of an empty one no elements stand behind its rows.
  package static func holds(_ shape: [Int]) -> Bool {
    guard shape.contains(0) else { return true }
    var count = 1
    for extent in shape where extent > 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= 1 << 24 else { return false }
      count = product
    }
    return true
  }
}

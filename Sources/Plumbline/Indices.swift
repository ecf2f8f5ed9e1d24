import PlumbModel

/// Whole numbers with their extents, such as tokens, or the experts that tokens are given to.
///
/// Row-major; an array literal is a row of its own.
public struct Indices: Sendable, Equatable, ExpressibleByArrayLiteral {
  /// The extents, outermost first.
  public let shape: [Int]
  /// The elements, row by row.
  public var elements: [Int]

  /// Makes indices of `shape`.
  public init(shape: [Int], elements: [Int]) {
    self.shape = shape
    self.elements = elements
  }

  /// Makes indices of one axis.
  public init(arrayLiteral elements: Int...) { self.init(shape: [elements.count], elements: elements) }

  init(_ activation: Activation<Int>) { self.init(shape: activation.shape, elements: activation.elements) }

  /// The indices `name` as the harness has them.
  ///
  /// - Throws: `PlumblineError` where the elements do not fill the shape.
  func activation(_ name: String) throws(PlumblineError) -> Activation<Int> {
    Activation(shape: try shape.filled(by: elements.count, name), elements: elements)
  }
}

extension [Int] {
  /// Whether a tensor of this shape has `count` elements.
  func isFilled(by count: Int) -> Bool {
    var places = 1
    for extent in self {
      let (product, overflow) = places.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { return false }
      places = product
    }
    return places == count
  }

  /// This shape, which `count` elements of the tensor `name` fill.
  ///
  /// - Throws: `PlumblineError` where they do not.
  func filled(by count: Int, _ name: String) throws(PlumblineError) -> [Int] {
    guard isFilled(by: count) else {
      throw PlumblineError(
        .badInput, "'\(name)': \(count) elements do not fill the shape \(self)",
        remedy: "give an element for each place of the shape")
    }
    return self
  }
}

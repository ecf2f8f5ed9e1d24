import PlumbModel

/// Numbers in Float32 with their extents.
///
/// Row-major; a row runs along the last axis.
public struct Tensor: Sendable, Equatable {
  /// The extents, outermost first.
  public let shape: [Int]
  /// The elements, row by row.
  public var elements: [Float]

  /// Makes a tensor of `shape`.
  ///
  /// *Edge cases*: elements that do not fill the shape make a tensor that every judge calls *outside* for its shape.
  public init(shape: [Int], elements: [Float]) {
    self.shape = shape
    self.elements = elements
  }

  /// The number of elements in a row.
  public var columns: Int { shape.last ?? 1 }

  /// The number of rows; 0 where the elements do not fill the shape.
  public var rows: Int { isFilled ? shape.dropLast().reduce(1, *) : 0 }

  /// The elements of row `index`.
  ///
  /// - Precondition: the elements fill the shape, and there is such a row.
  public func row(_ index: Int) -> ArraySlice<Float> { elements[index * columns..<(index + 1) * columns] }

  /// Each element through `transform`, in the same shape.
  public func map<Failure: Error>(_ transform: (Float) throws(Failure) -> Float) throws(Failure) -> Tensor {
    Tensor(shape: shape, elements: try elements.map(transform))
  }

  init(_ activation: Activation<Float>) { self.init(shape: activation.shape, elements: activation.elements) }

  /// Whether there is an element for each place of the shape.
  var isFilled: Bool { shape.isFilled(by: elements.count) }

  /// The tensor `name` as the harness has it.
  ///
  /// - Throws: `PlumblineError` where the elements do not fill the shape.
  func activation(_ name: String) throws(PlumblineError) -> Activation<Float> {
    Activation(shape: try shape.filled(by: elements.count, name), elements: elements)
  }
}

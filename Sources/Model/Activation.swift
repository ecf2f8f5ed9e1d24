/// A tensor of computed values: `Float` in the engine, balls in the reference.
///
/// Row-major; a row runs along the last axis.
package struct Activation<Element: Sendable>: Sendable {
  /// The extents, outermost first.
  package let shape: [Int]
  /// The elements, row by row.
  package var elements: [Element]

  /// Makes an activation of `shape`.
  ///
  /// - Precondition: `elements.count` is the product of `shape`.
  package init(shape: [Int], elements: [Element]) {
    precondition(elements.count == shape.reduce(1, *), "\(elements.count) elements do not fill the shape \(shape)")
    self.shape = shape
    self.elements = elements
  }

  /// The number of elements in a row.
  package var columns: Int { shape.last ?? 1 }
  /// The number of rows.
  package var rows: Int { shape.dropLast().reduce(1, *) }

  /// The elements of row `index`.
  package func row(_ index: Int) -> ArraySlice<Element> { elements[index * columns..<(index + 1) * columns] }

  /// The same elements under another shape of the same size.
  package func reshaped(_ shape: [Int]) -> Activation { Activation(shape: shape, elements: elements) }

  /// Each head of `[rows, heads, elements]` followed by the row of `shared` `[rows, 1, elements]`, which all of them share.
  ///
  /// - Precondition: there are as many rows in both.
  package func joiningHeads(_ shared: Activation) -> Activation {
    precondition(shape.count == 3 && shared.rows == shape[0], "heads \(shape) do not share rows \(shared.shape)")
    var joined: [Element] = []
    joined.reserveCapacity(rows * (columns + shared.columns))
    for head in 0..<rows { joined += row(head) + shared.row(head / shape[1]) }
    return Activation(shape: [shape[0], shape[1], columns + shared.columns], elements: joined)
  }

  /// Each element through `transform`, in the same shape.
  package func map<T: Sendable, E: Error>(_ transform: (Element) throws(E) -> T) throws(E) -> Activation<T> {
    Activation<T>(shape: shape, elements: try elements.map(transform))
  }
}

extension Activation: Equatable where Element: Equatable {}

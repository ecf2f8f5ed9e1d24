import PlumbModel

/// The rows of a weight, read as they are needed: all of them in the numbers of some arithmetics would be many times the
/// weight.
package struct Weights<Number: Sendable>: Sendable {
  package let rows: Int
  package let columns: Int
  /// The numbers at places of the flat tensor.
  private let read: @Sendable (Range<Int>) -> [Number]

  package init(rows: Int, columns: Int, read: @escaping @Sendable (Range<Int>) -> [Number]) {
    self.rows = rows
    self.columns = columns
    self.read = read
  }

  /// A weight of which all numbers are known.
  package init(_ weight: Activation<Number>) {
    self.init(rows: weight.rows, columns: weight.columns) { Array(weight.elements[$0]) }
  }

  /// The rows `range`.
  package func part(_ range: Range<Int>) -> Weights {
    let start = range.lowerBound * columns
    return Weights(rows: range.count, columns: columns) { [read] in
      read($0.lowerBound + start..<$0.upperBound + start)
    }
  }

  /// The same numbers in order, as rows of as many as there were rows.
  var turned: Weights { Weights(rows: columns, columns: rows, read: read) }

  /// The numbers in row `index`.
  package func row(_ index: Int) -> [Number] { read(index * columns..<(index + 1) * columns) }

  /// Row `index` of the weight whose numbers are those of this one, read as if they stood transposed.
  package func transposedRow(_ index: Int) -> [Number] {
    (0..<columns).flatMap { read($0 * rows + index..<$0 * rows + index + 1) }
  }
}

extension Activation {
  /// The columns as rows.
  var transposed: Activation {
    let elements = (0..<columns).flatMap { column in (0..<rows).map { self.elements[$0 * columns + column] } }
    return Activation(shape: [columns, rows], elements: elements)
  }
}

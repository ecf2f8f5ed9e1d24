/// The place of a tensor's elements in the tensor that a model file stores, of which it may hold some rows or the transpose, or that of
/// one matrix of a stack.
package struct StoredPlace: Sendable, Hashable {
  /// The name in the model file.
  package let name: String
  /// The extents of what is stored, outermost first.
  package let shape: [Int]
  /// The index along the first axis of the matrix that is held, of a stack; `nil` where it is no stack's.
  package let matrix: Int?
  /// Whether rows and columns are exchanged.
  package let isTransposed: Bool
  /// The places along the first axis that are held, in order; `nil` for all.
  package let rows: [Int]?

  /// All of the tensor `name` of `shape`.
  init(name: String, shape: [Int], matrix: Int? = nil, isTransposed: Bool = false, rows: [Int]? = nil) {
    self.matrix = matrix
    self.name = name
    self.shape = shape
    self.isTransposed = isTransposed
    self.rows = rows
  }

  /// The place of those of its rows that `chosen` names.
  package func part(_ chosen: [Int]) -> StoredPlace {
    StoredPlace(
      name: name, shape: shape, matrix: matrix, isTransposed: isTransposed,
      rows: chosen.map { row in rows.map { $0[row] } ?? row })
  }

  /// The place of matrix `index` of a stack, or of that row of a matrix; `nil` where it is part of one already.
  package func matrix(_ index: Int) -> StoredPlace? {
    matrix == nil && rows == nil && !isTransposed ? StoredPlace(name: name, shape: shape, matrix: index) : nil
  }

  /// The place with rows and columns exchanged; `nil` where it holds some rows only.
  package var transposed: StoredPlace? {
    rows == nil ? StoredPlace(name: name, shape: shape, matrix: matrix, isTransposed: !isTransposed) : nil
  }

  /// The number of elements that are stored.
  package var count: Int { shape.reduce(1, *) }

  /// The index in what is stored of the element `column` of the first axis' place `row`.
  ///
  /// - Precondition: both lie within the tensor.
  package func index(row: Int, column: Int) -> Int {
    let (row, held) = (rows.map { $0[row] } ?? row, matrix == nil ? shape[...] : shape.dropFirst())
    let first = (matrix ?? 0) * held.reduce(1, *)
    if isTransposed { return first + column * (held.last ?? 1) + row }
    return first + row * held.dropFirst().reduce(1, *) + column
  }
}

/// The place of a tensor's elements in the tensor that a model file stores, of which it may hold some rows or the transpose.
public struct StoredPlace: Sendable, Hashable {
  /// The name in the model file.
  public let name: String
  /// The extents of what is stored, outermost first.
  public let shape: [Int]
  /// Whether rows and columns are exchanged.
  public let isTransposed: Bool
  /// The places along the first axis that are held, in order; `nil` for all.
  public let rows: [Int]?

  /// All of the tensor `name` of `shape`.
  init(name: String, shape: [Int], isTransposed: Bool = false, rows: [Int]? = nil) {
    self.name = name
    self.shape = shape
    self.isTransposed = isTransposed
    self.rows = rows
  }

  /// The place of those of its rows that `chosen` names.
  func part(_ chosen: [Int]) -> StoredPlace {
    StoredPlace(
      name: name, shape: shape, isTransposed: isTransposed, rows: chosen.map { row in rows.map { $0[row] } ?? row })
  }

  /// The place with rows and columns exchanged; `nil` where it holds some rows only.
  var transposed: StoredPlace? {
    rows == nil ? StoredPlace(name: name, shape: shape, isTransposed: !isTransposed) : nil
  }

  /// The number of elements that are stored.
  public var count: Int { shape.reduce(1, *) }

  /// The index in what is stored of the element `column` of the first axis' place `row`.
  ///
  /// - Precondition: both lie within the tensor.
  public func index(row: Int, column: Int) -> Int {
    let row = rows.map { $0[row] } ?? row
    if isTransposed { return column * (shape.last ?? 1) + row }
    return row * shape.dropFirst().reduce(1, *) + column
  }
}

/// The parts of a matrix that share a scale.
enum ScaleGrid: Hashable, Sendable {
  case tensor
  /// A row.
  case channel
  /// So many neighbours of a row.
  case group(Int)
  /// So many rows of so many columns; fewer at the edges.
  case block(Int, Int)

  /// The rows and columns of a part of a matrix.
  func extents(rows: Int, columns: Int) -> (rows: Int, columns: Int) {
    switch self {
    case .tensor: (max(rows, 1), max(columns, 1))
    case .channel: (1, max(columns, 1))
    case .group(let size): (1, size)
    case .block(let height, let width): (height, width)
    }
  }

  /// Whether scales of `shape` are those of a matrix.
  func fits(_ shape: [Int], rows: Int, columns: Int) -> Bool {
    switch self {
    case .tensor: shape.allSatisfy { $0 == 1 } && shape.count <= 2
    case .channel: shape == [rows] || shape == [rows, 1]
    case .group(let size): size > 0 && columns.isMultiple(of: size) && shape == [rows, columns / size]
    case .block(let height, let width):
      height > 0 && width > 0 && shape == [(rows - 1) / height + 1, (columns - 1) / width + 1]
    }
  }
}

extension StoredParts {
  /// The grid among `grids` of the scales `end` of a matrix.
  ///
  /// - Throws: `ModelError` where none fits, or several do that are not the same.
  func grid(_ end: String, _ shape: [Int], among grids: [ScaleGrid], rows: Int, columns: Int) throws(ModelError)
    -> ScaleGrid
  {
    let fitting = grids.filter { $0.fits(shape, rows: rows, columns: columns) }
    guard let first = fitting.first else {
      throw fault(
        end, "has shape \(shape), which are no scales of a matrix of \(rows) × \(columns) as config.json states them")
    }
    let extents = first.extents(rows: rows, columns: columns)
    guard fitting.allSatisfy({ $0.extents(rows: rows, columns: columns) == extents }) else {
      throw fault(end, "has shape \(shape), which several of the groups in config.json may be")
    }
    return first
  }
}

/// A named tensor of weights, as it is stored: immutable bytes, a type and a shape.
///
/// Nothing here turns bytes into numbers: the reference and the engine each do so on their own.
/// A row is a run of elements along the last axis; blocks of quantised types never cross rows.
package struct Tensor: Sendable {
  // One reference, as a pass hands its tensors around for every token.
  private final class Storage: Sendable {
    let name: String
    let type: TensorType
    let shape: [Int]
    let rows, columns, bytesPerRow, offset: Int
    let bytes: any WeightBytes
    let place: StoredPlace?

    init(
      _ name: String, _ type: TensorType, _ shape: [Int], _ bytes: any WeightBytes, _ offset: Int, _ place: StoredPlace?
    ) {
      (self.name, self.type, self.shape, self.bytes, self.offset) = (name, type, shape, bytes, offset)
      self.place = place
      rows = shape.dropLast().reduce(1, *)
      columns = shape.last ?? 1
      bytesPerRow = columns / type.elementsPerBlock * type.bytesPerBlock
    }
  }

  private let storage: Storage

  private init(_ storage: Storage) { self.storage = storage }

  /// The name in the model file.
  package var name: String { storage.name }
  /// The form in which the elements are stored.
  package var type: TensorType { storage.type }
  /// The extents, outermost first: `[rows, columns]` for a matrix, `[columns]` for a vector.
  package var shape: [Int] { storage.shape }

  /// The number of elements in a row.
  package var columns: Int { storage.columns }
  /// The number of rows.
  package var rows: Int { storage.rows }
  /// The number of elements.
  package var count: Int { rows * columns }
  /// The number of bytes in a row.
  package var bytesPerRow: Int { storage.bytesPerRow }
  /// The number of bytes of the whole tensor.
  package var byteCount: Int { rows * bytesPerRow }

  /// Makes a tensor over `bytes` from `offset` on.
  ///
  /// - Returns: `nil` when an extent is negative, the row length is not a whole number of blocks, a product overflows,
  ///   or the bytes do not hold the tensor.
  package init?(name: String, type: TensorType, shape: [Int], bytes: any WeightBytes, offset: Int = 0) {
    guard shape.allSatisfy({ $0 >= 0 }), offset >= 0 else { return nil }
    guard (shape.last ?? 1).isMultiple(of: type.elementsPerBlock) else { return nil }
    var byteCount = type.bytesPerBlock
    for extent in [(shape.last ?? 1) / type.elementsPerBlock] + shape.dropLast() {
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      byteCount = product
    }
    let (end, overflow) = offset.addingReportingOverflow(byteCount)
    guard !overflow, end <= bytes.count else { return nil }
    // Of an empty tensor the bytes bound no extent.
    guard byteCount > 0 || Self.hasProducts(shape) else { return nil }
    storage = Storage(name, type, shape, bytes, offset, StoredPlace(name: name, shape: shape))
  }

  /// The place of the elements in what the model file stores; `nil` of a tensor that no file stores.
  package var place: StoredPlace? { storage.place }

  /// The same tensor where `place` is that of its elements.
  package func standing(at place: StoredPlace?) -> Tensor {
    Tensor(Storage(name, type, shape, storage.bytes, storage.offset, place))
  }

  /// The same tensor as one that no model file stores, such as the ones of a norm without weights.
  package var made: Tensor { standing(at: nil) }

  /// Whether no product of some of the extents overflows, with 8 bytes an element.
  private static func hasProducts(_ shape: [Int]) -> Bool {
    var product = 8
    for extent in shape where extent > 0 {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow { return false }
      product = next
    }
    return true
  }

  /// As many rows of what the model file stores, `step` rows further on; `nil` where it stores none there, or the tensor is no run of
  /// whole rows.
  package func moved(by step: Int) -> Tensor? {
    guard let place, !place.isTransposed, shape.count == 2, rows > 0, place.shape.count == 2 else { return nil }
    let first = place.rows?.first ?? 0
    guard place.rows.map({ $0 == Array(first..<first + rows) }) ?? true, step.magnitude <= place.shape[0] else {
      return nil
    }
    guard first + step >= 0, first + step + rows <= place.shape[0] else { return nil }
    let stored = StoredPlace(name: place.name, shape: place.shape, rows: Array(first + step..<first + step + rows))
    let start = storage.offset + step * bytesPerRow
    return Tensor(name: name, type: type, shape: shape, bytes: storage.bytes, offset: start)?.standing(at: stored)
  }

  /// The rows `range` as a tensor of their own over the same bytes; of a vector, its elements.
  ///
  /// - Returns: `nil` where they are not among the tensor's, or are no whole number of blocks.
  package func part(_ range: Range<Int>) -> Tensor? {
    let extent = shape.first ?? 1
    guard range.lowerBound >= 0, range.upperBound <= extent, shape.count > 1 || type.elementsPerBlock == 1 else {
      return nil
    }
    let size = extent == 0 ? 0 : byteCount / extent
    return Tensor(
      name: "\(name)[\(range.lowerBound)..<\(range.upperBound)]", type: type, shape: [range.count] + shape.dropFirst(),
      bytes: storage.bytes, offset: storage.offset + range.lowerBound * size)?.standing(at: place?.part(Array(range)))
  }

  /// The matrix `index` of a stack of three axes, over the same bytes; `nil` where there is none.
  package func matrix(_ index: Int) -> Tensor? {
    guard shape.count == 3, 0..<shape[0] ~= index else { return nil }
    return Tensor(
      name: "\(name)[\(index)]", type: type, shape: Array(shape.dropFirst()), bytes: storage.bytes,
      offset: storage.offset + index * (byteCount / shape[0]))?.standing(at: place?.matrix(index))
  }

  /// The same elements as a vector; `nil` where blocks of a format cannot be told apart in one.
  package var asVector: Tensor? {
    type.elementsPerBlock > 1
      ? nil : Tensor(name: name, type: type, shape: [count], bytes: storage.bytes, offset: storage.offset)
  }

  /// The same elements as a matrix of one row.
  package var asRow: Tensor {
    Tensor(name: name, type: type, shape: [1, count], bytes: storage.bytes, offset: storage.offset) ?? self
  }

  /// A copy of the rows at `indices`, in their order; of a vector, of its elements.
  ///
  /// - Returns: `nil` where they are not among the tensor's, or are no whole number of blocks.
  package func gathered(_ indices: [Int], name: String) -> Tensor? {
    let extent = shape.first ?? 1
    guard indices.allSatisfy((0..<extent).contains), shape.count > 1 || type.elementsPerBlock == 1 else { return nil }
    let size = extent == 0 ? 0 : byteCount / extent
    // Sound: the bytes are copied while they are lent, each row from within the tensor.
    let bytes = unsafe withUnsafeBytes { all -> [UInt8] in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(indices.count * size)
      for index in indices { unsafe bytes.append(contentsOf: all[index * size..<(index + 1) * size]) }
      return bytes
    }
    return Tensor(
      name: name, type: type, shape: [indices.count] + shape.dropFirst(), bytes: WeightArray(bytes))?
      .standing(at: place?.part(indices))
  }

  /// A stack of matrices as one, over the same bytes; `nil` where it is none.
  package var joiningFirstAxes: Tensor? {
    guard shape.count == 3 else { return nil }
    return Tensor(
      name: name, type: type, shape: [shape[0] * shape[1], shape[2]], bytes: storage.bytes, offset: storage.offset)
  }

  /// A copy of a stack of matrices as one, the rows and columns of each exchanged.
  ///
  /// - Returns: `nil` where it is no stack of a plain format.
  package var exchangingLastAxes: Tensor? {
    guard shape.count == 3, type.elementsPerBlock == 1 else { return nil }
    let places = (0..<shape[0]).flatMap { matrix in
      (0..<shape[2]).flatMap { column in (0..<shape[1]).map { (matrix * shape[1] + $0) * shape[2] + column } }
    }
    guard let copy = asVector?.gathered(places, name: name) else { return nil }
    return Tensor(name: name, type: type, shape: [shape[0] * shape[2], shape[1]], bytes: copy.storage.bytes)
  }

  /// A copy with rows and columns exchanged, by the same name.
  ///
  /// - Returns: `nil` where it is no matrix of a plain format.
  package var transposed: Tensor? {
    guard shape.count == 2, type.elementsPerBlock == 1 else { return nil }
    let size = type.bytesPerBlock
    // Sound: as in `gathered`.
    let bytes = unsafe withUnsafeBytes { all -> [UInt8] in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(byteCount)
      for column in 0..<columns {
        for row in 0..<rows {
          let place = (row * columns + column) * size
          unsafe bytes.append(contentsOf: all[place..<place + size])
        }
      }
      return bytes
    }
    return Tensor(name: name, type: type, shape: [columns, rows], bytes: WeightArray(bytes))?
      .standing(at: place?.transposed)
  }

  /// Calls `body` with the bytes of the whole tensor; the pointer is valid only during the call.
  package func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    let range = storage.offset..<storage.offset + byteCount
    // Sound: init checked that the range lies within the bytes, whose count never changes.
    return unsafe try storage.bytes.withUnsafeBytes { (all: UnsafeRawBufferPointer) throws(E) -> R in
      unsafe try body(UnsafeRawBufferPointer(rebasing: all[range]))
    }
  }
}

/// Bytes that hold weights: a mapped file, or memory.
///
/// Immutable for their whole life.
package protocol WeightBytes: AnyObject, Sendable {
  /// The number of bytes; it never changes.
  var count: Int { get }
  /// Calls `body` with all the bytes; the pointer is valid only during the call.
  func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
}

/// Weights held in memory: those of models that are made rather than read.
package final class WeightArray: WeightBytes {
  private let storage: [UInt8]

  /// Keeps `bytes`.
  package init(_ bytes: [UInt8]) { storage = bytes }

  /// Keeps `values` as little-endian binary32.
  package convenience init(_ values: [Float]) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * 4)
    for value in values {
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
      }
    }
    self.init(bytes)
  }

  /// The number of bytes.
  package var count: Int { storage.count }

  /// Calls `body` with all the bytes; the pointer is valid only during the call.
  package func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    // Sound: `body` reads the bytes of the array while it is lent.
    unsafe try storage.withUnsafeBufferPointer { (bytes) throws(E) -> R in
      unsafe try body(UnsafeRawBufferPointer(bytes))
    }
  }
}

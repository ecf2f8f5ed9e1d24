/// A named tensor of weights, as it is stored: immutable bytes, a type and a shape.
///
/// Nothing here turns bytes into numbers: the reference and the engine each do so on their own.
/// A row is a run of elements along the last axis; blocks of quantised types never cross rows.
public struct Tensor: Sendable {
  /// The name in the model file.
  public let name: String
  /// How the elements are stored.
  public let type: TensorType
  /// The extents, outermost first: `[rows, columns]` for a matrix, `[columns]` for a vector.
  public let shape: [Int]
  private let bytes: any WeightBytes
  private let offset: Int

  /// The number of elements in a row.
  public var columns: Int { shape.last ?? 1 }
  /// The number of rows.
  public var rows: Int { shape.dropLast().reduce(1, *) }
  /// The number of elements.
  public var count: Int { rows * columns }
  /// The number of bytes in a row.
  public var bytesPerRow: Int { columns / type.elementsPerBlock * type.bytesPerBlock }
  /// The number of bytes of the whole tensor.
  public var byteCount: Int { rows * bytesPerRow }

  /// Makes a tensor over `bytes` from `offset` on.
  ///
  /// - Returns: `nil` when an extent is negative, the row length is not a whole number of blocks, a product overflows,
  ///   or the bytes do not hold the tensor.
  public init?(name: String, type: TensorType, shape: [Int], bytes: any WeightBytes, offset: Int = 0) {
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
    self.name = name
    self.type = type
    self.shape = shape
    self.bytes = bytes
    self.offset = offset
  }

  /// Calls `body` with the bytes of the whole tensor; the pointer is valid only during the call.
  public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    let range = offset..<offset + byteCount
    // Sound: init checked that the range lies within the bytes, whose count never changes.
    return unsafe try bytes.withUnsafeBytes { (all: UnsafeRawBufferPointer) throws(E) -> R in
      unsafe try body(UnsafeRawBufferPointer(rebasing: all[range]))
    }
  }
}

/// Bytes that hold weights: a mapped file, or memory.
///
/// Immutable for their whole life.
public protocol WeightBytes: AnyObject, Sendable {
  /// The number of bytes; it never changes.
  var count: Int { get }
  /// Calls `body` with all the bytes; the pointer is valid only during the call.
  func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
}

/// Weights held in memory: those of models that are made rather than read.
public final class WeightArray: WeightBytes {
  private let storage: [UInt8]

  /// Keeps `bytes`.
  public init(_ bytes: [UInt8]) { storage = bytes }

  /// Keeps `values` as little-endian binary32.
  public convenience init(_ values: [Float]) {
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
  public var count: Int { storage.count }

  /// Calls `body` with all the bytes; the pointer is valid only during the call.
  public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    var result: Result<R, E>?
    unsafe storage.withUnsafeBytes { pointer in
      do throws(E) {
        result = .success(unsafe try body(pointer))
      } catch {
        result = .failure(error)
      }
    }
    guard let result else { fatalError("withUnsafeBytes returned without calling its body") }
    return try result.get()
  }
}

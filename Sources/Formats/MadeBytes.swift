import PlumbModel
import Synchronization

/// Weights in another order than that in which a file stores them, put into it when somebody reads them first, and kept.
final class MadeBytes: WeightBytes {
  let count: Int
  private let make: @Sendable () -> [UInt8]
  private let made = Mutex<[UInt8]?>(nil)

  /// The `count` bytes that `make` gives, always the same.
  init(count: Int, _ make: @escaping @Sendable () -> [UInt8]) {
    (self.count, self.make) = (count, make)
  }

  func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    let bytes = made.withLock { made -> [UInt8] in
      let bytes = made ?? make()
      made = bytes
      return bytes
    }
    precondition(bytes.count == count, "\(bytes.count) bytes in place of \(count)")
    // Sound: `body` reads the bytes of the array while it is lent.
    return unsafe try bytes.withUnsafeBufferPointer { (bytes) throws(E) -> R in
      unsafe try body(UnsafeRawBufferPointer(bytes))
    }
  }
}

extension Tensor {
  /// The `chosen` columns, each a row of a tensor that is made when somebody reads it; `nil` where this is no matrix of a plain format.
  func columns(_ chosen: [Int], name: String) -> Tensor? {
    guard shape.count == 2, type.elementsPerBlock == 1, chosen.allSatisfy((0..<columns).contains) else { return nil }
    let size = type.bytesPerBlock
    let bytes = MadeBytes(count: chosen.count * rows * size) { [self] in
      // Sound: the bytes are copied while they are lent, each element from within the tensor.
      unsafe withUnsafeBytes { all in
        var result: [UInt8] = []
        result.reserveCapacity(chosen.count * rows * size)
        for column in chosen {
          for row in 0..<rows {
            let place = (row * columns + column) * size
            unsafe result.append(contentsOf: all[place..<place + size])
          }
        }
        return result
      }
    }
    return Tensor(name: name, type: type, shape: [chosen.count, rows], bytes: bytes)
  }

  /// The numbers of a tensor of a plain format; `nil` of any other.
  var plainNumbers: [Float]? {
    // Sound: as many bytes lie at every offset, and they are looked at only while they are lent.
    unsafe withUnsafeBytes { bytes -> [Float]? in
      func bits<Bits: FixedWidthInteger & BitwiseCopyable>(_ type: Bits.Type) -> [Bits] {
        let size = MemoryLayout<Bits>.size
        return stride(from: 0, to: bytes.count, by: size).map {
          unsafe Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Bits.self))
        }
      }
      return switch type {
      case .f32: bits(UInt32.self).map { Float(bitPattern: $0) }
      case .bf16: bits(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
      case .f16: bits(UInt16.self).map { Float(halfPattern: $0) }
      default: nil
      }
    }
  }
}

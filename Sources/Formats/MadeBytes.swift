import Dispatch
import Foundation
import PlumbModel
import Synchronization

/// Weights in another form than that in which a file stores them, put into it when somebody reads them, and kept while there is room.
final class MadeBytes: WeightBytes {
  let count: Int
  private let make: @Sendable () -> [UInt8]
  private let made = Mutex<[UInt8]?>(nil)
  private let room: MadeRoom
  /// Whether they were read since somebody looked for room.
  fileprivate let wasRead = Atomic(false)

  /// The `count` bytes that `make` gives, always the same, in a `room` that they share with others.
  init(count: Int, in room: MadeRoom = .shared, _ make: @escaping @Sendable () -> [UInt8]) {
    (self.count, self.room, self.make) = (count, room, make)
  }

  func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    wasRead.store(true, ordering: .relaxed)
    let (bytes, isNew) = made.withLock { made -> ([UInt8], Bool) in
      if let made { return (made, false) }
      let bytes = make()
      made = bytes
      return (bytes, true)
    }
    precondition(bytes.count == count, "\(bytes.count) bytes in place of \(count)")
    if isNew { room.add(self) }
    // Sound: `body` reads the bytes of the array while it is lent; the array itself lives as long as `body` runs, whoever drops the bytes.
    return unsafe try bytes.withUnsafeBufferPointer { (bytes) throws(E) -> R in
      unsafe try body(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Drops the bytes, unless somebody is making them; whether it did.
  fileprivate func drop() -> Bool {
    made.withLockIfAvailable { made in
      made = nil
      return true
    } ?? false
  }
}

extension MadeBytes {
  /// The bytes of `count` rows of so many bytes each, which `write` fills, each by one of several threads.
  static func rows(
    _ count: Int, bytesEach size: Int, _ write: @Sendable (Int, UnsafeMutableRawBufferPointer) -> Void
  ) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count * size) { buffer, filled in
      filled = count * size
      guard filled > 0, let base = buffer.baseAddress else { return }
      // Sound: every row has bytes of its own, and all are written before the call ends.
      nonisolated(unsafe) let start = UnsafeMutableRawPointer(base)
      let parts = min(count, 64)
      DispatchQueue.concurrentPerform(iterations: parts) { part in
        for row in part * count / parts..<(part + 1) * count / parts {
          unsafe write(row, UnsafeMutableRawBufferPointer(start: start + row * size, count: size))
        }
      }
    }
  }
}

/// The room for made bytes: of those that were not read lately, the first made go first.
final class MadeRoom: Sendable {
  /// That of all models: a quarter of the machine's memory, and 2 GiB at least.
  static let shared = MadeRoom(size: max(1 << 31, Int(clamping: ProcessInfo.processInfo.physicalMemory / 4)))

  private struct Place {
    weak var bytes: MadeBytes?
    let count: Int
  }

  private let size: Int
  private let places = Mutex<[Place]>([])

  init(size: Int) { self.size = size }

  /// Takes `bytes` in, and drops others while there are too many.
  fileprivate func add(_ bytes: MadeBytes) {
    places.withLock { places in
      places.removeAll { $0.bytes == nil || $0.bytes === bytes }
      var total = places.reduce(bytes.count) { $0 + $1.count }
      // Each is looked at twice at most: once it was read, and once more.
      for _ in 0..<2 * places.count where total > size && !places.isEmpty {
        let first = places.removeFirst()
        if let other = first.bytes, other.wasRead.exchange(false, ordering: .relaxed) || !other.drop() {
          places.append(first)
        } else {
          total -= first.count
        }
      }
      places.append(Place(bytes: bytes, count: bytes.count))
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
    return Tensor(name: name, type: type, shape: [chosen.count, rows], bytes: bytes)?
      .standing(at: place?.transposed?.part(chosen))
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

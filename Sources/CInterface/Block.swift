import Foundation

/// Values that lie in one allocation, so that one call of `free` gives all of them back.
struct Block {
  /// Vectors of every instruction set are aligned to it.
  private static let alignment = 64

  private var bytes: [UInt8] = []

  /// Puts `values` behind what is there, and returns their place.
  @discardableResult
  mutating func put<Value: BitwiseCopyable>(_ values: [Value]) -> Int {
    let place = reserve(0, of: Value.self)
    // Sound: the bytes are copied while they are lent.
    unsafe values.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    return place
  }

  /// Puts the bytes of `text` and a 0 behind what is there, and returns their place.
  @discardableResult
  mutating func put(_ text: String) -> Int { put(Array(text.utf8) + [0]) }

  /// Puts room for `count` values behind what is there, and returns its place.
  mutating func reserve<Value>(_ count: Int, of type: Value.Type) -> Int {
    let place = (bytes.count + Self.alignment - 1) / Self.alignment * Self.alignment
    bytes += repeatElement(0, count: place + count * MemoryLayout<Value>.stride - bytes.count)
    return place
  }

  /// The allocation; `nil` where there is no memory.
  func made() -> UnsafeMutableRawPointer? {
    // Sound: as many bytes are copied as are allocated, and there is at least one to be asked for.
    guard let memory = unsafe aligned_alloc(Self.alignment, (bytes.count / Self.alignment + 1) * Self.alignment) else {
      return nil
    }
    unsafe bytes.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress { unsafe memory.copyMemory(from: start, byteCount: bytes.count) }
    }
    return unsafe memory
  }
}

/// Gives back what a function of the interface gave.
@_cdecl("plumbline_free")
public func release(_ memory: UnsafeMutableRawPointer?) {
  unsafe free(memory)
}

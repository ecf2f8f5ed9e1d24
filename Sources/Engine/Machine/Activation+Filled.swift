import PlumbModel

extension Activation where Element == Float {
  /// An activation of `shape` whose every element `fill` writes.
  static func filled(_ shape: [Int], _ fill: (UnsafeMutablePointer<Float>) -> Void) -> Activation {
    let count = shape.reduce(1, *)
    // Sound: `fill` initialises all `count` elements, which is each caller's duty; an empty buffer has no base.
    let elements = unsafe [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let base = buffer.baseAddress, count > 0 { unsafe fill(base) }
      initialized = count
    }
    return Activation(shape: shape, elements: elements)
  }

  /// The same, in memory that `crew` kept where it has some.
  static func filled(
    _ shape: [Int], _ crew: Crew, _ fill: (UnsafeMutablePointer<Float>) -> Void
  ) -> Activation {
    guard var elements = crew.spares.take(shape.reduce(1, *)) else { return unsafe filled(shape, fill) }
    // Sound: as above; the elements are initialised already.
    unsafe elements.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { unsafe fill(base) }
    }
    return Activation(shape: shape, elements: elements)
  }
}

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
}

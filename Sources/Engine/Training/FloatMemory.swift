extension Engine {
  /// Float32s at one place, which threads share while each writes elements of its own.
  @safe package final class FloatMemory: @unchecked Sendable {
    /// The number of elements.
    package let count: Int
    /// The first element, aligned to 64 bytes.
    let base: UnsafeMutablePointer<Float>
    private let storage: UnsafeMutableRawPointer

    /// Zeros.
    package init(_ count: Int) {
      self.count = count
      // Sound: freed once, by `deinit`; every element is initialised.
      unsafe storage = .allocate(byteCount: max(count, 16) * MemoryLayout<Float>.size, alignment: 64)
      unsafe base = storage.initializeMemory(as: Float.self, repeating: 0, count: max(count, 16))
    }

    deinit { unsafe storage.deallocate() }

    /// The elements; nobody else may use them meanwhile.
    package var elements: [Float] {
      get { unsafe Array(UnsafeBufferPointer(start: base, count: count)) }
      set {
        precondition(newValue.count == count, "\(newValue.count) elements for \(count)")
        for (index, value) in newValue.enumerated() { unsafe base[index] = value }
      }
    }

    /// The elements at `places`.
    package subscript(places: Range<Int>) -> [Float] {
      precondition(places.lowerBound >= 0 && places.upperBound <= count, "places \(places) of \(count)")
      return unsafe Array(UnsafeBufferPointer(start: base + places.lowerBound, count: places.count))
    }

    /// Makes every element 0.
    package func clear() { unsafe base.update(repeating: 0, count: count) }

    /// Whether every element of `places` is finite.
    func isFinite(_ places: Range<Int>) -> Bool {
      precondition(places.lowerBound >= 0 && places.upperBound <= count, "places \(places) of \(count)")
      return places.allSatisfy { unsafe base[$0].isFinite }
    }
  }
}

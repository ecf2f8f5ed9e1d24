import PlumbModel

/// The memory of activations that somebody was done with.
///
/// Fresh memory costs a page fault for every 4 KiB, which for a prompt is as much as its attention.
struct SpareElements {
  // Beside each other, and searched from the end: there are some twenty, of which hashing would be most of the work.
  private var elements: [[Float]] = []
  private var counts: [Int] = []

  /// Elements of arbitrary value; `nil` where there are none of that `count`.
  mutating func take(_ count: Int) -> [Float]? {
    guard let index = counts.lastIndex(of: count) else { return nil }
    elements.swapAt(index, elements.count - 1)
    counts.swapAt(index, counts.count - 1)
    counts.removeLast()
    return elements.removeLast()
  }

  /// Keeps the memory of `activation`.
  ///
  /// Its elements stay as they are for all who still hold it: the memory is copied before it is written again.
  mutating func keep(_ activation: Activation<Float>) {
    elements.append(activation.elements)
    counts.append(activation.elements.count)
  }

  /// Gives back what was kept.
  mutating func removeAll() {
    elements.removeAll(keepingCapacity: true)
    counts.removeAll(keepingCapacity: true)
  }
}

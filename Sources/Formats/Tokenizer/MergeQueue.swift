/// A priority queue of merges waiting to happen: the lowest rank first, and of equals the leftmost.
struct MergeQueue {
  /// Two neighbouring symbols that may become one.
  struct Candidate {
    /// The merge's place in the vocabulary's list.
    let rank: Int32
    /// The place at which the left symbol begins.
    let place: Int32
    /// The left symbol.
    let left: Int32
    /// The right symbol.
    let right: Int32

    /// Whether this merge happens before `other`.
    func precedes(_ other: Candidate) -> Bool { (rank, place) < (other.rank, other.place) }
  }

  /// A binary heap: no element precedes its parent.
  private var heap: [Candidate] = []

  /// Puts `candidate` in.
  mutating func insert(_ candidate: Candidate) {
    heap.append(candidate)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].precedes(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes the first candidate out.
  mutating func popFirst() -> Candidate? {
    guard let last = heap.popLast() else { return nil }
    guard let first = heap.first else { return last }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].precedes(heap[least]) {
        least = child
      }
      guard least != parent else { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}

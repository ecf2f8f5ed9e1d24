import PlumbModel

/// The keys and values of one block, for every position so far.
struct KeyValueCache: Sendable {
  /// The number of positions.
  private(set) var positions = 0
  /// `[groups, keyValueHeads, headSize, 16]`, so that the scores of 16 positions are computed side by side.
  ///
  /// Element i of position s stands at group s / 16, place s mod 16; places without a position hold 0.
  private(set) var keys: [Float] = []
  /// `[positions, keyValueHeads, paddedValueSize]`.
  private(set) var values: [Float] = []
  /// The layer in which queries, keys and values meet.
  let layer: AttentionLayer
  /// The number of elements of a head's value.
  let valueSize: Int

  /// The number of positions in a group of keys.
  static let groupSize = 16
  /// The size of a value, rounded up to a whole number of vectors.
  var paddedValueSize: Int { (valueSize + 15) / 16 * 16 }
  /// From one group of keys to the next.
  var groupStride: Int { layer.keyValueHeads * layer.headSize * Self.groupSize }
  /// From the values of one position to those of the next.
  var valueStride: Int { layer.keyValueHeads * paddedValueSize }

  /// No position yet; values have `valueSize` elements, or as many as a key.
  init(_ layer: AttentionLayer, valueSize: Int? = nil) {
    self.layer = layer
    self.valueSize = valueSize ?? layer.headSize
  }

  /// Adds `key` `[tokens, keyValueHeads, headSize]`, or some of its tokens, after the last position.
  mutating func append(key: Activation<Float>, tokens: Range<Int>? = nil, _ crew: Crew) {
    let tokens = tokens ?? 0..<key.shape[0]
    let (width, first, groupStride) = (layer.keyValueHeads * layer.headSize, positions, groupStride)
    positions += tokens.count
    let groups = (positions + Self.groupSize - 1) / Self.groupSize
    keys += repeatElement(0, count: groups * groupStride - keys.count)
    let firstGroup = first / Self.groupSize
    // Sound: the groups up to the last position are there, a token has `width` elements, and each item writes its group.
    unsafe keys.withUnsafeMutableBufferPointer { keys in
      unsafe key.elements[tokens.lowerBound * width..<tokens.upperBound * width].withUnsafeBufferPointer { key in
        guard let keys = keys.baseAddress, let key = key.baseAddress else { return }
        crew.run(groups - firstGroup) { item, _ in
          let group = firstGroup + item
          let start = max(first, group * Self.groupSize)
          for position in start..<min(positions, (group + 1) * Self.groupSize) {
            let from = unsafe key + (position - first) * width
            let to = unsafe keys + group * groupStride + position % Self.groupSize
            for index in 0..<width { unsafe to[index * Self.groupSize] = from[index] }
          }
        }
      }
    }
  }

  /// Adds `value` `[tokens, keyValueHeads, valueSize]`, or some of its tokens, after the last position's.
  mutating func append(value: Activation<Float>, tokens: Range<Int>? = nil) {
    let tokens = tokens ?? 0..<value.shape[0]
    for row in tokens.lowerBound * layer.keyValueHeads..<tokens.upperBound * layer.keyValueHeads {
      values += value.row(row)
      values += repeatElement(0, count: paddedValueSize - valueSize)
    }
  }
}

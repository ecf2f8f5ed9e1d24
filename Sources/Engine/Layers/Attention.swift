import PlumbModel

/// The three steps of attention: the same code whether a layer is called alone or a pass fuses them.
///
/// A row is one query head of one token; it sees the positions up to its own. Rows of consecutive tokens are computed
/// together where they share keys and values.
@safe struct AttentionRows {
  private let cache: KeyValueCache
  private let root: Double
  private let firstPosition: Int
  private let crew: Crew

  /// The rows whose first token stands at `firstPosition`, over what the cache holds.
  init(_ cache: KeyValueCache, firstPosition: Int, _ crew: Crew) {
    self.cache = cache
    self.firstPosition = firstPosition
    self.crew = crew
    root = Double(cache.layer.headSize).squareRoot()
  }

  /// The number of positions that `token` sees: they are the first ones, as `AttentionLayer.allows` has it.
  func visible(_ token: Int) -> Int { firstPosition + token + 1 }

  /// Writes the scores of the visible positions of `count` tokens, one head's queries `queryStride` floats apart.
  func scores(
    _ queries: UnsafePointer<Float>, queryStride: Int, head: Int, token: Int, count: Int,
    into scores: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let offset = cache.layer.keyValueHead(of: head) * cache.layer.headSize * KeyValueCache.groupSize
    // Sound: the cache has a whole group for each 16 positions it holds, and the visible are among them.
    unsafe cache.keys.withUnsafeBufferPointer { keys in
      guard let keys = keys.baseAddress else { return }
      unsafe crew.kernels.scores(
        queries, queryStride, count, keys + offset, cache.groupStride, visible(token), cache.layer.headSize, root,
        scores, stride)
    }
  }

  /// Writes the softmax of the scores of the visible positions; `scratch` holds as many doubles.
  func weights(
    _ scores: UnsafePointer<Float>, token: Int, scratch: UnsafeMutablePointer<Double>,
    into weights: UnsafeMutablePointer<Float>
  ) {
    unsafe crew.kernels.softmax(scores, visible(token), scratch, weights)
  }

  /// Writes the weighted sums of the values of the visible positions of `count` tokens, `resultStride` floats apart.
  func values(
    _ weights: UnsafePointer<Float>, stride: Int, head: Int, token: Int, count: Int,
    into result: UnsafeMutablePointer<Float>, resultStride: Int
  ) {
    let offset = cache.layer.keyValueHead(of: head) * cache.paddedHeadSize
    // Sound: the cache holds a padded row for each position, and the visible are among them.
    unsafe cache.values.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      unsafe crew.kernels.values(
        weights, stride, count, values + offset, cache.valueStride, visible(token), cache.layer.headSize, result,
        resultStride)
    }
  }
}

import PlumbModel

/// The three steps of attention: the same code whether a layer is called alone or a pass fuses them.
///
/// A row is one query head of one token. The positions that it sees follow one another, and they alone are the terms of
/// its sums: term j is the j-th position seen. Where rows of consecutive tokens see all positions up to their own, they
/// are computed together; otherwise row by row, from the first position that each sees.
@safe struct AttentionRows {
  private let cache: KeyValueCache
  private let divisor: Double
  private let firstPosition: Int
  private let positions: Int
  private let crew: Crew
  private var layer: AttentionLayer { cache.layer }

  /// The rows whose first token stands at `firstPosition`, over what the cache holds of `positions`.
  init(_ cache: KeyValueCache, firstPosition: Int, positions: Int, _ crew: Crew) {
    self.cache = cache
    self.firstPosition = firstPosition
    self.positions = positions
    self.crew = crew
    divisor = cache.layer.scale.map { 1 / Double($0) } ?? Double(cache.layer.headSize).squareRoot()
  }

  /// The positions that `token` sees, as `AttentionLayer.allows` has it.
  func visible(_ token: Int) -> Range<Int> {
    let place = firstPosition + token
    let end = layer.isCausal ? min(place + 1, positions) : positions
    guard let window = layer.window, place >= window else { return 0..<end }
    return min(place - window + 1, end)..<end
  }

  /// Whether each token sees everything up to its own position, one more than the token before it.
  private var seesAllBefore: Bool { layer.isCausal && layer.window == nil }

  /// Writes the scores of the visible positions of `count` tokens, one head's queries `queryStride` floats apart.
  func scores(
    _ queries: UnsafePointer<Float>, queryStride: Int, head: Int, token: Int, count: Int,
    into scores: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let offset = layer.keyValueHead(of: head) * layer.headSize * KeyValueCache.groupSize
    // Sound: the cache has a whole group for each 16 positions it holds, and the visible are among them.
    unsafe cache.keys.withUnsafeBufferPointer { keys in
      guard let keys = keys.baseAddress else { return }
      if seesAllBefore {
        unsafe crew.kernels.scores(
          queries, queryStride, count, keys + offset, cache.groupStride, visible(token).upperBound, layer.headSize,
          divisor, scores, stride)
      } else {
        for row in 0..<count {
          let seen = visible(token + row)
          // Keys are read in groups: what the group of the first holds before it is computed and wiped out.
          let group = seen.lowerBound / KeyValueCache.groupSize
          let start = group * KeyValueCache.groupSize
          guard !seen.isEmpty else { continue }
          unsafe crew.kernels.scores(
            queries + row * queryStride, queryStride, 1, keys + offset + group * cache.groupStride, cache.groupStride,
            seen.upperBound - start, layer.headSize, divisor, scores + row * stride + start, stride)
          for position in start..<seen.lowerBound { unsafe scores[row * stride + position] = -.infinity }
        }
      }
    }
    if let cap = layer.softCap {
      for row in 0..<count { unsafe self.cap(scores + row * stride, visible(token + row), cap) }
    }
  }

  private func cap(_ scores: UnsafeMutablePointer<Float>, _ seen: Range<Int>, _ cap: Float) {
    let capped = Engine.softCapped(seen.map { unsafe scores[$0] }, cap)
    for (position, score) in zip(seen, capped) { unsafe scores[position] = score }
  }

  /// Writes the softmax of the scores of the visible positions; `scratch` holds as many doubles.
  func weights(
    _ scores: UnsafePointer<Float>, token: Int, scratch: UnsafeMutablePointer<Double>,
    into weights: UnsafeMutablePointer<Float>
  ) {
    let seen = visible(token)
    unsafe crew.kernels.softmax(scores + seen.lowerBound, seen.count, scratch, weights + seen.lowerBound)
  }

  /// Writes the weighted sums of the values of the visible positions of `count` tokens, `resultStride` floats apart.
  func values(
    _ weights: UnsafePointer<Float>, stride: Int, head: Int, token: Int, count: Int,
    into result: UnsafeMutablePointer<Float>, resultStride: Int
  ) {
    let offset = layer.keyValueHead(of: head) * cache.paddedHeadSize
    // Sound: the cache holds a padded row for each position, and the visible are among them.
    unsafe cache.values.withUnsafeBufferPointer { values in
      if seesAllBefore, let values = values.baseAddress {
        unsafe crew.kernels.values(
          weights, stride, count, values + offset, cache.valueStride, visible(token).upperBound, layer.headSize, result,
          resultStride)
        return
      }
      for row in 0..<count {
        let seen = visible(token + row)
        let place = unsafe result + row * resultStride
        guard let values = values.baseAddress, !seen.isEmpty else {
          // A sum without a term.
          unsafe place.initialize(repeating: 0, count: layer.headSize)
          continue
        }
        unsafe crew.kernels.values(
          weights + row * stride + seen.lowerBound, stride, 1, values + offset + seen.lowerBound * cache.valueStride,
          cache.valueStride, seen.count, layer.headSize, place, resultStride)
      }
    }
  }
}

extension AttentionLayer {
  /// Whether `tokens` from `firstPosition` on have the keys that they need; without a causal mask any will do.
  func fits(_ tokens: Int, at firstPosition: Int, positions: Int) -> Bool {
    !isCausal || firstPosition + tokens <= positions
  }
}

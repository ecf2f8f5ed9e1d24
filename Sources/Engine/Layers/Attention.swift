import PlumbModel

/// The three steps of attention: the same code whether a layer is called alone or a pass fuses them.
///
/// The positions that a row sees follow one another, and they alone are the terms of its sums: term j is the j-th position
/// seen. Rows that see the same positions, or all positions up to their own, are computed together; otherwise row by row,
/// from the first position that each sees.
@safe final class AttentionRows {
  private let cache: KeyValueCache
  private let divisor: Double
  private let slopes: [Double]
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
    divisor = Engine.divisor(of: cache.layer)
    slopes = Engine.slopes(of: cache.layer)
  }

  /// The positions that `token` sees, as `AttentionLayer.allows` has it.
  func visible(_ token: Int) -> Range<Int> {
    let place = firstPosition + token
    let after = layer.isCausal ? 0 : layer.windowAfter ?? positions
    let end = min(place + after + 1, positions)
    guard let window = layer.window, place >= window else { return 0..<end }
    return min(place - window + 1, end)..<end
  }

  /// Calls `body` for runs of rows, each of which sees `growth` positions more than the one before it, and the first `seen`.
  private func forEachRun(
    _ rows: RowsTogether, _ body: (_ first: Int, _ count: Int, _ growth: Int, _ seen: Range<Int>) -> Void
  ) {
    if layer.window == nil && layer.windowAfter == nil || rows.tokens.count == 1 {
      let growth = layer.isCausal && rows.tokens.count > 1 ? 1 : 0
      body(0, rows.count, growth, visible(rows.tokens.lowerBound))
    } else {
      for row in 0..<rows.count { body(row, 1, 0, visible(rows.token(row))) }
    }
  }

  /// Writes the scores of the visible positions of `rows`, whose queries begin at `queries`.
  func scores(
    _ rows: RowsTogether, _ queries: UnsafePointer<Float>, into scores: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let offset = layer.keyValueHead(of: rows.heads.lowerBound) * layer.headSize * KeyValueCache.groupSize
    let queryStride = rows.stride(layer, layer.headSize)
    // Sound: the cache has a whole group for each 16 positions it holds, and the visible are among them.
    unsafe cache.keys.withUnsafeBufferPointer { keys in
      guard let keys = keys.baseAddress else { return }
      forEachRun(rows) { first, count, growth, seen in
        guard !seen.isEmpty else { return }
        // Keys are read in groups: what the group of the first holds before it is computed and wiped out.
        let group = seen.lowerBound / KeyValueCache.groupSize
        let start = group * KeyValueCache.groupSize
        unsafe crew.kernels.scores(
          queries + first * queryStride, queryStride, count, growth, keys + offset + group * cache.groupStride,
          cache.groupStride, seen.upperBound - start, layer.headSize, divisor, scores + first * stride + start, stride)
        for row in first..<first + count {
          for position in start..<seen.lowerBound { unsafe scores[row * stride + position] = -.infinity }
        }
      }
    }
    if let cap = layer.softCap {
      for row in 0..<rows.count { unsafe self.cap(scores + row * stride, visible(rows.token(row)), cap) }
    }
    guard !slopes.isEmpty else { return }
    for row in 0..<rows.count {
      let (token, slope) = (rows.token(row), slopes[rows.head(row)])
      for position in visible(token) {
        let index = row * stride + position
        unsafe scores[index] = Engine.biased(scores[index], slope, abs(firstPosition + token - position))
      }
    }
  }

  private func cap(_ scores: UnsafeMutablePointer<Float>, _ seen: Range<Int>, _ cap: Float) {
    let capped = Engine.softCapped(seen.map { unsafe scores[$0] }, cap)
    for (position, score) in zip(seen, capped) { unsafe scores[position] = score }
  }

  /// Writes the softmax of the scores of the visible positions of a `head`; `scratch` holds as many doubles.
  func weights(
    _ scores: UnsafePointer<Float>, head: Int, token: Int, scratch: UnsafeMutablePointer<Double>,
    into weights: UnsafeMutablePointer<Float>
  ) {
    let seen = visible(token)
    if let sink = layer.sinks?.logits[head] {
      let result = Engine.softmax(seen.map { unsafe scores[$0] }[...], joining: sink, crew)
      for (position, weight) in zip(seen, result) { unsafe weights[position] = weight }
      return
    }
    unsafe crew.kernels.softmax(scores + seen.lowerBound, seen.count, scratch, weights + seen.lowerBound)
  }

  /// Writes the weighted sums of the values of the visible positions of `rows`, the first at `result`.
  func values(
    _ rows: RowsTogether, _ weights: UnsafePointer<Float>, stride: Int, into result: UnsafeMutablePointer<Float>
  ) {
    let offset = layer.keyValueHead(of: rows.heads.lowerBound) * cache.paddedValueSize
    let size = cache.valueSize
    let resultStride = rows.stride(layer, size)
    // Sound: the cache holds a padded row for each position, and the visible are among them.
    unsafe cache.values.withUnsafeBufferPointer { values in
      forEachRun(rows) { first, count, growth, seen in
        let place = unsafe result + first * resultStride
        guard let values = values.baseAddress, !seen.isEmpty else {
          // A sum without a term.
          for row in 0..<count { unsafe (place + row * resultStride).initialize(repeating: 0, count: size) }
          return
        }
        unsafe crew.kernels.values(
          weights + first * stride + seen.lowerBound, stride, count, growth,
          values + offset + seen.lowerBound * cache.valueStride, cache.valueStride, seen.count, size, place,
          resultStride)
      }
    }
  }
}

extension Engine {
  /// The number that the sums of `layer` are divided by, in Float64.
  static func divisor(of layer: AttentionLayer) -> Double {
    let divisor = layer.scale.map { 1 / Double($0) } ?? Double(layer.sizeOfScale).squareRoot()
    guard !layer.stretch.isOne else { return divisor }
    let stretch = magnitude(layer.stretch)
    return divisor / (stretch * stretch)
  }
}

extension AttentionLayer {
  /// Whether `tokens` from `firstPosition` on have the keys that they need; without a causal mask any will do.
  func fits(_ tokens: Int, at firstPosition: Int, positions: Int) -> Bool {
    !isCausal || firstPosition + tokens <= positions
  }
}

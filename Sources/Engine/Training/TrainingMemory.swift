import PlumbModel

/// The activations of one batch, and those of its gradients that are needed at a time.
@safe final class TrainingMemory {
  typealias Numbers = UnsafeMutablePointer<Float>

  /// The activations of one block; gate and up become their gradients.
  @unsafe struct Block {
    let attentionNorm, query, key, value, weights, values, middle, feedForwardNorm, gate, up, gated: Numbers
  }

  /// The activations of each block.
  let blocks: [Block]
  /// The normalised output of the last block, and the logits, which become their gradients.
  let finalNorm, logits: Numbers
  /// The gradients of the residual stream, of a normalisation's output, and of what else a block has.
  let streamGradient, normGradient, gatedGradient, valuesGradient, queryGradient, keyGradient, valueGradient: Numbers
  private let streams: [Numbers]
  private let all: Engine.FloatMemory

  /// The number of floats for a batch of `rows` rows in `sequences` sequences.
  static func floats(_ shape: LlamaShape, rows: Int, sequences: Int) -> Int {
    sizes(shape, rows: rows, sequences: sequences).reduce(0) { $0 + rounded($1) }
  }

  init(_ shape: LlamaShape, rows: Int, sequences: Int) {
    all = Engine.FloatMemory(Self.floats(shape, rows: rows, sequences: sequences))
    var next = unsafe all.base
    // Sound: the sizes are taken in the order in which `sizes` lists them, and its sum is the memory's.
    func take(_ count: Int) -> Numbers {
      defer { unsafe next += Self.rounded(count) }
      return unsafe next
    }
    let wide = rows * shape.width
    unsafe streams = (0...shape.blocks).map { _ in unsafe take(wide) }
    unsafe blocks = (0..<shape.blocks).map { _ in
      let sizes = Self.ofBlock(shape, rows: rows, sequences: sequences)
      let places = unsafe sizes.map { unsafe take($0) }
      return unsafe Block(
        attentionNorm: places[0], query: places[1], key: places[2], value: places[3], weights: places[4],
        values: places[5], middle: places[6], feedForwardNorm: places[7], gate: places[8], up: places[9],
        gated: places[10])
    }
    let places = unsafe Self.beside(shape, rows: rows).map { unsafe take($0) }
    unsafe (finalNorm, logits, streamGradient, normGradient) = unsafe (places[0], places[1], places[2], places[3])
    unsafe (gatedGradient, valuesGradient) = unsafe (places[4], places[5])
    unsafe (queryGradient, keyGradient, valueGradient) = unsafe (places[6], places[7], places[8])
  }

  /// The residual stream before `block`, or behind the last.
  func stream(_ block: Int) -> Numbers { unsafe streams[block] }

  private static func sizes(_ shape: LlamaShape, rows: Int, sequences: Int) -> [Int] {
    let block = ofBlock(shape, rows: rows, sequences: sequences)
    return [Int](repeating: rows * shape.width, count: shape.blocks + 1)
      + [[Int]](repeating: block, count: shape.blocks).joined() + beside(shape, rows: rows)
  }

  private static func ofBlock(_ shape: LlamaShape, rows: Int, sequences: Int) -> [Int] {
    let (wide, key, deep) = (rows * shape.width, rows * shape.keyWidth, rows * shape.feedForward)
    return [wide, wide, key, key, rows * shape.heads * shape.context, wide, wide, wide, deep, deep, deep]
  }

  private static func beside(_ shape: LlamaShape, rows: Int) -> [Int] {
    let (wide, key) = (rows * shape.width, rows * shape.keyWidth)
    return [wide, rows * shape.vocabulary, wide, wide, rows * shape.feedForward, wide, wide, key, key]
  }

  /// Whole lines of 64 bytes.
  private static func rounded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}

extension Engine {
  /// The number of Float32s of a training's activations, for `sequences` sequences at a time.
  package static func trainingFloats(_ shape: LlamaShape, sequences: Int) -> Int {
    TrainingMemory.floats(shape, rows: sequences * shape.context, sequences: sequences)
  }
}

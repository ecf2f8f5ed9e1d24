import PlumbModel

/// The bytes that a model learns from, and those that it never sees until it is judged by them.
package struct TrainingText: Sendable {
  /// The bytes to learn from.
  package let bytes: [UInt8]
  /// The bytes held out.
  package let heldOut: [UInt8]

  /// Makes a text; without `heldOut`, the last twentieth of `bytes` is held out.
  package init(_ bytes: [UInt8], heldOut: [UInt8]? = nil) {
    let kept = heldOut == nil ? bytes.count - bytes.count / 20 : bytes.count
    self.bytes = Array(bytes[..<kept])
    self.heldOut = heldOut ?? Array(bytes[kept...])
  }

  /// Refuses a text with less than a sequence of `context` tokens and what follows it.
  package func check(context: Int) throws(TrainingError) {
    for (name, bytes) in [("the text", bytes), ("the held-out text", heldOut)] where bytes.count <= context {
      throw .shortText(name: name, count: bytes.count, needed: context + 1)
    }
  }

  /// The sequences of a batch, one behind another, and the byte that follows each of their bytes.
  ///
  /// Each begins at a place that depends on the seed, the step and its number in the step alone.
  package func batch(_ configuration: TrainingConfiguration, step: Int, part: Int) -> (
    inputs: [UInt8], targets: [UInt8]
  ) {
    let (context, count) = (configuration.shape.context, configuration.batch)
    var (inputs, targets): ([UInt8], [UInt8]) = ([], [])
    for index in 0..<count {
      let start = start(configuration, step: step, sequence: part * count + index)
      inputs += bytes[start..<start + context]
      targets += bytes[start + 1..<start + context + 1]
    }
    return (inputs, targets)
  }

  /// The place at which a sequence of a step begins.
  package func start(_ configuration: TrainingConfiguration, step: Int, sequence: Int) -> Int {
    let number = step * configuration.batch * configuration.accumulation + sequence
    var generator = SplitMix64(seed: configuration.seed ^ (UInt64(number) &* 0x9e37_79b9_7f4a_7c15))
    _ = generator.next()
    return Int(generator.next() % UInt64(bytes.count - configuration.shape.context))
  }
}
